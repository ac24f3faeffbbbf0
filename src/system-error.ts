/** What the operating system says about a path of ours, as an error with a name and a hint. */
import { IngotError } from './errors.ts';

/** In our form; anything else as it is. `place`: what was asked for, where the system names no path (it names none for what is read). */
export const named = (error: unknown, place?: string): unknown => {
  const meaning = meaningOf(error);
  if (meaning === undefined || !(error instanceof Error)) return error;
  const where = placeIn(error) ?? place;
  const call = 'syscall' in error ? String(error.syscall) : '';
  return new IngotError(meaning.code, `${meaning.text} (${call})`, { where, hint: meaning.hint, cause: error });
};

/** Of two names, the one that stands in the way: where something was to be moved to. */
const placeIn = (error: Error): string | undefined => {
  if ('dest' in error && 'code' in error && IN_THE_WAY.includes(String(error.code))) return String(error.dest);
  return 'path' in error ? String(error.path) : undefined;
};
const IN_THE_WAY = ['EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'];

/** What to do about it, for an error that says in its own words what the path is for. */
export const systemHint = (cause: unknown, otherwise = PARTS): string => meaningOf(cause)?.hint ?? otherwise;

const meaningOf = (error: unknown): SystemError | undefined =>
  error instanceof Error && 'code' in error && 'syscall' in error ? SYSTEM_ERRORS[String(error.code)] : undefined;

interface SystemError {
  readonly code: string;
  readonly text: string;
  readonly hint: string;
}

const ALLOWED = '`namei -l PATH` shows who may do what in each folder on the way; `lsattr` shows what is immutable.';
const PARTS = '`namei -l PATH` shows what each part of the path is.';
const ROOM = 'Free some space; the same command goes on.';

const SYSTEM_ERRORS: Readonly<Record<string, SystemError>> = {
  ENOENT: {
    code: 'host.no-such-file',
    text: 'there is no such file or folder',
    hint: 'A relative path begins at the current folder; in a recipe, at the folder of the recipe.',
  },
  ENOTDIR: { code: 'host.not-a-folder', text: 'a folder is needed here', hint: PARTS },
  EISDIR: {
    code: 'host.is-a-folder',
    text: 'this is a folder, a file is needed',
    hint: 'Name a file, in it or elsewhere; `namei -l PATH` shows what each part of a path is.',
  },
  ELOOP: {
    code: 'host.link-loop',
    text: 'a symbolic link leads back to itself, or may not be followed here',
    hint: PARTS,
  },
  ENAMETOOLONG: {
    code: 'host.name-too-long',
    text: 'a name is longer than a file system takes',
    hint: 'A name may have 255 bytes, and a whole path 4095.',
  },
  EACCES: { code: 'host.not-allowed', text: 'this may not be read or written', hint: ALLOWED },
  EPERM: { code: 'host.not-allowed', text: 'this may not be read or written', hint: ALLOWED },
  EROFS: {
    code: 'host.read-only',
    text: 'the file system is read-only',
    hint: 'Take another place (--store, --out). A disk with errors is made read-only by the kernel: see dmesg.',
  },
  ENOSPC: { code: 'host.no-space', text: 'the file system is full', hint: ROOM },
  EDQUOT: { code: 'host.no-space', text: 'the quota is used up', hint: ROOM },
  EMFILE: {
    code: 'host.too-many-files',
    text: 'this process has too many open files',
    hint: 'Raise the limit (`ulimit -n 4096`), or build fewer recipes at once.',
  },
  EIO: { code: 'host.io-error', text: 'the disk reports an error', hint: 'Is the disk in order? See dmesg.' },
};
