/**
 * Are two installed systems the same? Compares all of their root file systems: paths, types, modes, owners, links and
 * contents. For a tuning: the images of a build with it and of one that skips it (docs/performance.md).
 *
 *     sudo node bench/same-system.ts A.raw B.raw
 *
 * Root, since debugfs can give files their owners only then. Ends with 1 when something differs that may not.
 */
import { mkdir, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readPartitions } from '../src/capture/partitions.ts';
import { sha256, temporaryFolder } from '../src/host/files.ts';
import { run } from '../src/host/run.ts';

/** What is another one in every installation, and why. */
const ALLOWED: readonly (readonly [RegExp, string])[] = [
  [/^boot\/initrd\.img-/, 'holds the times at which it was made'],
  [/^boot\/grub\/|^boot\/efi\/EFI\/.*\/grub\.cfg$|^etc\/fstab$/, 'name the file systems by their UUIDs'],
  [/^var\/cache\/ldconfig\/aux-cache$/, 'holds inode numbers'],
  [/^(etc|var)\/\.updated$/, 'holds the time at which /usr was unpacked'],
];

type Tree = Map<string, string>;

const treeOf = async (image: string): Promise<Tree> => {
  await using work = await temporaryFolder('same-system-', process.cwd());
  const { partitions } = await readPartitions(image);
  const largest = partitions.reduce((one, other) => (other.size > one.size ? other : one));
  const files = join(work.path, 'root');
  await mkdir(files);
  await run('debugfs', ['-R', `rdump / ${files}`, `${image}?offset=${largest.start}`]);
  const tree: Tree = new Map();
  for (const item of await readdir(files, { withFileTypes: true, recursive: true })) {
    const path = join(item.parentPath, item.name);
    const what = item.isFile() ? sha256(await readFile(path)) : item.isSymbolicLink() ? await readlink(path) : '';
    const { mode, uid, gid } = item.isSymbolicLink() ? { mode: 0, uid: 0, gid: 0 } : await stat(path);
    tree.set(path.slice(files.length + 1), `${mode.toString(8)} ${uid}:${gid} ${what}`);
  }
  await rm(files, { recursive: true });
  return tree;
};

const [one = '', other = ''] = process.argv.slice(2);
if (one === '' || other === '' || process.getuid?.() !== 0) {
  console.error('usage: sudo node bench/same-system.ts A.raw B.raw');
  process.exit(2);
}
const [before, after] = [await treeOf(one), await treeOf(other)];
let wrong = 0;
for (const path of [...new Set([...before.keys(), ...after.keys()])].sort()) {
  const [a, b] = [before.get(path), after.get(path)];
  if (a === b) continue;
  const reason = a && b ? ALLOWED.find(([pattern]) => pattern.test(path))?.[1] : undefined;
  if (reason === undefined) wrong += 1;
  console.log(`${path}: ${reason ?? `${a ?? 'not there'} -> ${b ?? 'not there'}`}`);
}
console.log(`${before.size} and ${after.size} files; ${wrong} differ that may not`);
process.exit(before.size > 0 && wrong === 0 ? 0 : 1);
