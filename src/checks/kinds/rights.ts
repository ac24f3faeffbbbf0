/** Files that give anybody more than they should: setuid programs, and what everybody may write. */
import type { FileNode } from '../../capture/file-tree.ts';
import type { Outside } from '../outside.ts';
import { fails, holds, type Outcome, type Planned } from '../planned.ts';

const [SETUID, STICKY, OTHERS_WRITE] = [0o4000, 0o1000, 0o0002];

export const setuidChecks = ({ only }: { readonly only: readonly string[] }): Planned[] => [
  {
    rule: 'tests/setuid',
    name: 'setuid programs',
    outside: (image) => judge(image, only, (node) => node.type === 'file' && has(node, SETUID), 'setuid'),
  },
];

export const worldWritableChecks = ({ only }: { readonly only: readonly string[] }): Planned[] => [
  {
    rule: 'tests/world-writable',
    name: 'files that everybody may write',
    outside: (image) =>
      judge(
        image,
        only,
        (node) =>
          node.type === 'file'
            ? has(node, OTHERS_WRITE)
            : node.type === 'folder' && has(node, OTHERS_WRITE) && !has(node, STICKY),
        'world-writable',
      ),
  },
];

const has = ({ mode = 0 }: FileNode, bit: number): boolean => (mode & bit) !== 0;

/** Those that are named are allowed where they really are, too: `/bin/su` is `/usr/bin/su` after usr-merge. */
const judge = async (
  { tree, files }: Outside,
  only: readonly string[],
  isSuch: (node: FileNode) => boolean,
  word: string,
): Promise<Outcome> => {
  const allowed = new Set(only);
  for (const path of only) {
    const real = await files.find(path);
    if (real !== undefined) allowed.add(real.path);
  }
  const such = [...tree.values()]
    .filter(isSuch)
    .map(({ path }) => path)
    .sort();
  const others = such.filter((path) => !allowed.has(path));
  if (others.length === 0) return holds(such.length === 0 ? `nothing is ${word}` : `${word}: ${such.join(', ')}`);
  const shown = [
    ...others.slice(0, MOST_SHOWN),
    ...(others.length > MOST_SHOWN ? [`and ${others.length - MOST_SHOWN} more`] : []),
  ];
  return fails(`${word}, and not named: ${shown.join(', ')}`, {
    wanted: only.length === 0 ? 'none' : only.join(', '),
    found: others.join(', '),
    where: others[0],
  });
};

const MOST_SHOWN = 10;
