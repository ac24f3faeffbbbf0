/**
 * The digest of a large file that has not changed since it was made: its inode, size and times are compared, and nothing is read. The
 * time of an inode's last change cannot be set by hand; what changed just before the digest was made is not remembered, since a second change
 * might have the same time (as git does it with its index).
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from './files.ts';
import { makeFolders } from './folders.ts';
import { ifThere } from './if-there.ts';

/** Milliseconds: more than the coarsest clock of a file system. */
const SETTLED = 2_000;

/** `folder`: for one small file an inode. `digest`: reads the file. */
export const knownDigest = async (path: string, folder: string, digest: () => Promise<string>): Promise<string> => {
  const before = await identityOf(path);
  const file = join(folder, `${before.device}-${before.inode}`);
  const [said, known] = ((await ifThere(readFile(file, 'utf8'))) ?? '').trimEnd().split('\t');
  if (said === before.text && known !== undefined) return known;
  const begun = Date.now();
  const found = await digest();
  const isSettled = begun - before.changed > SETTLED && (await identityOf(path)).text === before.text;
  if (isSettled) {
    const remembered = makeFolders(folder).then(() => writeFileWhole(file, `${before.text}\t${found}\n`));
    // Where nothing can be written, the file is read again the next time.
    await remembered.catch((error: unknown) => {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
    });
  }
  return found;
};

const identityOf = async (path: string) => {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return {
    device: dev,
    inode: ino,
    changed: Number(ctimeNs / 1_000_000n),
    text: [dev, ino, size, mtimeNs, ctimeNs].join(' '),
  };
};
