/**
 * What `ingot verify` is asked about, as every check sees it: a finished folder, or an image and the folder that it lies
 * in. Nothing in the folder is trusted for being there: what a check reads from it, it also judges.
 */
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { IngotError } from '../errors.ts';
import { sha256File } from '../host/files.ts';
import { ifThere } from '../host/if-there.ts';
import type { Expected } from './expected.ts';
import { type ReadManifest, readManifest } from './read-manifest.ts';

export interface VerifyContext {
  /** Absolute. */
  readonly folder: string;
  /** The file that was named in place of a folder. */
  readonly image: string | undefined;
  /** Paths of all files below the folder, relative to it and sorted; links and other things are among them. */
  readonly files: readonly string[];
  /** As it lies there. */
  readonly manifest: ReadManifest | undefined;
  /** The images to look into, absolute: the one that was named, or those of the manifest that are there. */
  readonly images: readonly string[];
  /** SHA-256 of a file of the folder, made once; undefined for what is no file. */
  digest(name: string): Promise<string | undefined>;
  /** A file of the folder that is small enough to be read as a whole; undefined when it is not there. */
  read(name: string): Promise<Buffer | undefined>;
  readonly expected: Expected;
  readonly signal: AbortSignal | undefined;
}

/** Bytes. A bill of materials of some thousand packages has a few MiB. */
const MOST = 64 * 2 ** 20;

/** Throws `usage.no-such-file`. */
export const openContext = async (target: string, expected: Expected, signal?: AbortSignal): Promise<VerifyContext> => {
  const path = resolve(target);
  const found = await ifThere(stat(path));
  if (found === undefined)
    throw new IngotError('usage.no-such-file', 'there is no such folder or image', {
      where: target,
      hint: 'Name a finished folder, such as out/web, or an image in one.',
    });
  const image = found.isDirectory() ? undefined : basename(path);
  const folder = image === undefined ? path : dirname(path);
  const manifest = readManifest(await readSmall(join(folder, 'manifest.json')));
  const files = await filesBelow(folder, image !== undefined && !(await isFinished(folder)) ? image : undefined);
  const stated = (manifest?.images ?? []).map(({ file }) => file).filter((file) => files.includes(file));
  const digests = new Map<string, Promise<string | undefined>>();
  return {
    folder,
    image,
    files,
    manifest,
    images: (image === undefined ? stated : [image]).map((file) => join(folder, file)),
    digest(name) {
      const known = digests.get(name) ?? digestOf(join(folder, name), signal);
      digests.set(name, known);
      return known;
    },
    read: (name) => readSmall(join(folder, name)),
    expected,
    signal,
  };
};

/** What lies around a lone image is somebody's downloads folder, and none of our business. */
const isFinished = async (folder: string): Promise<boolean> =>
  (await readdir(folder)).some((name) => ['manifest.json', 'provenance.json', 'SHA256SUMS'].includes(name));

const filesBelow = async (folder: string, only: string | undefined): Promise<string[]> => {
  if (only !== undefined) return [only];
  const items = await readdir(folder, { withFileTypes: true, recursive: true });
  return items
    .filter((item) => !item.isDirectory())
    .map((item) => relative(folder, join(item.parentPath, item.name)))
    .sort();
};

/** Of a file itself: what a link leads to may be another one tomorrow. */
const digestOf = async (path: string, signal: AbortSignal | undefined): Promise<string | undefined> =>
  (await ifThere(lstat(path)))?.isFile() ? sha256File(path, signal) : undefined;

const readSmall = async (path: string): Promise<Buffer | undefined> => {
  const found = await ifThere(lstat(path));
  if (!found?.isFile()) return undefined;
  if (found.size > MOST)
    throw new IngotError('usage.file-too-large', `${basename(path)} is larger than ${MOST / 2 ** 20} MiB`, {
      where: path,
      hint: 'No build writes such a file: get the folder again from where it was published.',
    });
  return readFile(path);
};
