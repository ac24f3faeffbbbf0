/** Folders and links that systemd-tmpfiles makes, held against what tmpfiles.d of packages says. */
import { posix } from 'node:path';
import type { Check } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import type { DebianFacts } from '../facts.ts';
import { type MadeFolder, type MadeLink, parseTmpfiles } from '../tmpfiles.ts';

/** What the first file by name says of a path counts (tmpfiles.d(5), "Configuration directories and precedence"). */
const madeBy = ({ verifiedBelow, text }: DebianFacts): Promise<ReadonlyMap<string, MadeFolder | MadeLink>> =>
  Promise.all(
    [...verifiedBelow('/usr/lib/tmpfiles.d')]
      .sort((one, other) => (posix.basename(one) < posix.basename(other) ? -1 : 1))
      .map(text),
  ).then((texts) => new Map(texts.reverse().flatMap((one) => parseTmpfiles(one).map((made) => [made.path, made]))));

const known = new WeakMap<DebianFacts, ReturnType<typeof madeBy>>();

const made = async (path: string, facts: DebianFacts): Promise<MadeFolder | MadeLink | undefined> => {
  const all = known.get(facts) ?? madeBy(facts);
  known.set(facts, all);
  return (await all).get(path);
};

const NOBODY = 'no tmpfiles.d of a package makes it';

const asFolder: Check = async (file, facts) => {
  const said = await made(file.path, facts);
  if (said?.kind !== 'folder') return NOBODY;
  const [mode, owner] = [file.mode ?? 0, facts.ownerOf(file)];
  return mode === said.mode && owner === said.owner
    ? undefined
    : `it is ${octal(mode)} of ${owner}, and tmpfiles.d says ${octal(said.mode)} of ${said.owner}`;
};

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

const asLink: Check = async ({ path, target }, facts) => {
  const said = await made(path, facts);
  if (said?.kind !== 'link') return NOBODY;
  return said.target === target ? undefined : `it leads to ${target}, and tmpfiles.d says ${said.target}`;
};

const PLACES = /^\/(etc|run|srv|tmp|var)(\/|$)/;

export const TMPFILES: readonly DebianRule[] = [
  {
    name: 'tmpfiles-folders',
    reason: 'systemd-tmpfiles makes it, or gives it mode and owner',
    path: PLACES,
    isWide: true,
    type: 'folder',
    mode: 'any',
    owner: 'any',
    checks: 'a verified file of /usr/lib/tmpfiles.d names it, with this mode and owner',
    check: asFolder,
  },
  {
    name: 'tmpfiles-links',
    reason: 'systemd-tmpfiles makes it',
    path: PLACES,
    isWide: true,
    type: 'link',
    checks: 'a verified file of /usr/lib/tmpfiles.d names it, with this target',
    check: asLink,
  },
];
