/** A file to start from: what is there already stays, unless the user says otherwise. */
import { writeFile } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import { writeFileWhole } from '../host/files.ts';

/** Throws `usage.file-exists`. */
export const writeNew = async (path: string, text: string, force: boolean): Promise<void> => {
  try {
    // A link that somebody has put there is replaced, not followed.
    if (force) await writeFileWhole(path, text);
    else await writeFile(path, text, { flag: 'wx' });
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
    throw new IngotError('usage.file-exists', `${path} is there already`, {
      hint: 'Choose another name, or add --force.',
    });
  }
};
