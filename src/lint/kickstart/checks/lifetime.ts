/** Whether a release has a command, an option or a section: not yet, still, or no more. */

import { shown, type Tell } from '../findings.ts';
import type { Line } from '../kickstart-document.ts';
import { type KickstartRelease, type Lifetime, releaseTitle, statusIn } from '../release.ts';
import type { Word } from '../words.ts';

export const isUsable = (release: KickstartRelease, facts: Lifetime): boolean =>
  ['there', 'deprecated'].includes(statusIn(release, facts));

export interface LifetimePlace {
  readonly line: Line;
  readonly release: KickstartRelease;
  readonly tell: Tell;
  readonly instead?: string | undefined;
}

/** False when the release does not have it. */
export const checkLifetime = (
  kind: 'command' | 'option' | 'section',
  facts: Lifetime,
  spot: Word,
  name: string,
  { line, release, tell, instead }: LifetimePlace,
): boolean => {
  const hint = instead === undefined ? undefined : `Instead: ${instead}.`;
  switch (statusIn(release, facts)) {
    case 'there':
      return true;
    case 'deprecated':
      tell(`deprecated-${kind}`, line, spot, `${shown(name)} is deprecated in ${releaseTitle(release)}`, { hint });
      return true;
    case 'removed':
      tell(`removed-${kind}`, line, spot, `${shown(name)} was removed, ${releaseTitle(release)} stops at it`, { hint });
      return false;
    case 'too-new':
      tell('too-new', line, spot, `${releaseTitle(release)} does not know ${shown(name)} yet`);
      return false;
  }
};
