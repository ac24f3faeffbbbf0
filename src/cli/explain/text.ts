/** What `ingot explain` knows of a build, for people. */
import type { Explained } from './explained.ts';
import { hostsText } from './hosts.ts';
import { lockText } from './lock.ts';
import { slimText } from './slim.ts';
import { stagesText } from './stages.ts';
import { updatesText } from './updates.ts';

export const explainedText = (
  { name, stages, slim, hosts, lock, updates }: Explained,
  { isNamed }: { readonly isNamed: boolean },
): string =>
  [
    isNamed ? `${name}\n` : '',
    stagesText(stages),
    slim === undefined ? '' : slimText(slim),
    hosts === undefined ? '' : hostsText(hosts),
    lock === undefined ? '' : lockText(lock),
    updates === undefined ? '' : updatesText(updates),
  ].join('');
