/** Files on their way to a medium: laid out in a folder on the host, with the time stamp they have to have. */
import { copyFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dirname, normalize } from 'node:path/posix';
import { IngotError, OUR_FAULT } from '../errors.ts';
import type { Medium } from './iso/medium.ts';

/** `path` is absolute on the medium; the content is given, or a file on the host. */
export type MediumFile =
  | { readonly path: string; readonly content: Uint8Array | string }
  | { readonly path: string; readonly from: string };

export interface StagedFile {
  readonly from: string;
  readonly to: string;
  readonly size: number;
}

/** Throws `media.path-taken` for a path that stands twice, `media.path` for one that is not a path on a medium. */
export const stageFiles = async (
  folder: string,
  files: readonly MediumFile[],
  epoch: number,
): Promise<StagedFile[]> => {
  const staged: StagedFile[] = [];
  for (const file of files) {
    const to = file.path;
    if (normalize(to) !== to || !to.startsWith('/') || to.endsWith('/')) {
      throw new IngotError('media.path', `"${to}" is not a path of a file on a medium`, { hint: OUR_FAULT });
    }
    if (staged.some((other) => other.to === to)) {
      throw new IngotError('media.path-taken', `two files would be ${to} on the medium`, {
        hint: 'Give one of them another place in media.files; /ingot and the boot menus are Ingot’s own.',
      });
    }
    const from = join(folder, `file-${staged.length}`);
    await ('from' in file ? copyFile(file.from, from) : writeFile(from, file.content));
    await utimes(from, epoch, epoch);
    staged.push({ from, to, size: (await stat(from)).size });
  }
  return staged;
};

/** The folders that the medium does not have yet, the outer ones first. */
export const newFolders = (medium: Medium, files: readonly StagedFile[]): string[] => {
  const needed = files.flatMap(({ to }) => foldersOf(to));
  return [...new Set(needed)].filter((folder) => !medium.others.has(folder)).sort();
};

const foldersOf = (path: string): string[] => {
  const folder = dirname(path);
  return folder === '/' ? [] : [...foldersOf(folder), folder];
};
