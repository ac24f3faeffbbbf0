/** A file or a folder of the host as files of a medium. */
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { named } from '../../system-error.ts';

export interface ContentFile {
  /** On the host. */
  readonly from: string;
  /** On the medium. */
  readonly path: string;
}

/**
 * All files below `from`, or `from` itself, in the order of their paths; a folder without files gives nothing. A link to a file
 * is taken as that file. Throws `media.not-a-file` for what a medium cannot have that way: links to folders, devices.
 */
export const hostTree = async (from: string, to: string): Promise<ContentFile[]> => {
  try {
    return (await walk(from, to, true)).sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  } catch (error) {
    throw named(error);
  }
};

const walk = async (from: string, path: string, isTop: boolean): Promise<ContentFile[]> => {
  const info = await stat(from);
  if (info.isFile()) return [{ from, path }];
  // Links to folders could lead in circles.
  if (!info.isDirectory() || !(isTop || (await lstat(from)).isDirectory()))
    throw new IngotError('media.not-a-file', `${from} cannot be put on a medium: it is neither a file nor a folder`, {
      where: from,
      hint: 'Links to files are followed, links to folders are not.',
    });
  const found: ContentFile[] = [];
  for (const name of await readdir(from)) found.push(...(await walk(join(from, name), `${path}/${name}`, false)));
  return found;
};
