/** Files of the system: what may not be there, what has to be, and how. */

import type { FileNode } from '../../capture/file-tree.ts';
import { privateKeysIn } from '../../capture/private-keys.ts';
import { matchesPath } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts, unjudged } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';
import { judgeFile } from './one-file.ts';

export const judgeFiles = async (wanted: NonNullable<Policy['files']>, facts: PolicyFacts): Promise<Findings> => {
  const { subject } = facts;
  const { forbid, require = [], worldWritable, withoutOwner, privateKeys } = wanted;
  const nodes = [...subject.tree.values()];
  const ids = withoutOwner === undefined ? undefined : await knownIds(facts);
  return [
    ...(forbid === undefined
      ? []
      : nodes
          .filter(({ path }) => matchesPath(forbid, path))
          .map(({ path }) =>
            fails('files.forbid', `${path} is there`, path, 'Remove it in a step, or by seal.remove.'),
          )),
    ...(await Promise.all(require.map((one) => judgeFile(one, subject)))).flat(),
    ...judgeUnexplained(wanted, facts),
    ...(worldWritable === undefined
      ? []
      : nodes
          .filter(isOpenToAll)
          .filter(({ path }) => !matchesPath(worldWritable.allow ?? [], path))
          .map(({ path, type, mode = 0 }) =>
            fails(
              'files.worldWritable',
              `everybody may write to ${path}, mode ${mode.toString(8)}`,
              path,
              type === 'folder' ? `chmod +t or o-w in a step.` : 'chmod o-w in a step.',
            ),
          )),
    ...(ids === undefined ? [] : nodes.flatMap((node) => judgeOwner(node, ids))),
    ...(privateKeys === undefined
      ? []
      : (await privateKeysIn(subject.files))
          .filter((path) => !matchesPath(privateKeys.allow ?? [], path))
          .map((path) =>
            fails(
              'files.privateKeys',
              `${path} is a private key, which all clones share`,
              path,
              'Let each machine make or fetch its own at the first boot.',
            ),
          )),
  ];
};

const judgeUnexplained = ({ unexplained }: NonNullable<Policy['files']>, { inspection }: PolicyFacts): Findings => {
  if (unexplained === undefined) return [];
  if (inspection.unowned === undefined)
    return [
      unjudged(
        'files.unexplained',
        'nothing is known of the packages, so no file can be explained',
        'Only families whose packages are read can be judged.',
      ),
    ];
  const { most, allow = [] } = unexplained;
  const found = inspection.unowned.unexplained.filter(({ path }) => !matchesPath(allow, path));
  if (found.length <= most) return [];
  return found.map(({ path }) =>
    fails(
      'files.unexplained',
      `no package has ${path}, and nothing known makes it`,
      path,
      'Allow it by its path, or find out which step made it: `ingot diff --run`.',
    ),
  );
};

const [STICKY, OTHERS_WRITE] = [0o1000, 0o002];

/** A device node gives the device away, wherever it lies; those of /dev itself are made anew at each boot. */
const isOpenToAll = ({ path, type, device, mode = 0 }: FileNode): boolean =>
  (mode & OTHERS_WRITE) !== 0 &&
  (type === 'file' ||
    (type === 'folder' && (mode & STICKY) === 0) ||
    (/^(block|character) /.test(device ?? '') && !path.startsWith('/dev/')));

interface Ids {
  readonly users: ReadonlySet<number>;
  readonly groups: ReadonlySet<number>;
}

const knownIds = async ({ subject: { files } }: PolicyFacts): Promise<Ids> => {
  const numbers = async (path: string) =>
    new Set(((await files.text(path)) ?? '').split('\n').map((line) => Number(line.split(':')[2] ?? Number.NaN)));
  return { users: await numbers('/etc/passwd'), groups: await numbers('/etc/group') };
};

const judgeOwner = ({ path, uid, gid }: FileNode, { users, groups }: Ids): Findings => {
  if (uid === undefined || gid === undefined || (users.has(uid) && groups.has(gid))) return [];
  const missing = users.has(uid) ? `the group ${gid}` : `the user ${uid}`;
  return [
    fails(
      'files.withoutOwner',
      `${path} belongs to ${missing}, which does not exist`,
      path,
      'chown it in a step, or make the account.',
    ),
  ];
};
