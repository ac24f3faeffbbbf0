/** Whether the output folder already holds what a build is about to deliver; then nothing is copied. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Manifest } from '../capture/manifest.ts';
import { packageLines } from '../capture/packages.ts';
import { sha256, sha256File } from '../host/files.ts';
import { sparseDigest } from '../host/sparse-digest.ts';
import { parsed } from '../pipeline/result-text.ts';
import type { Captured, CapturedImage } from './captured.ts';

/** The manifest that lies there, when all but time stamps is the same and the files still are what was delivered. */
export const sameAsBefore = async (
  folder: string,
  wanted: Manifest,
  captured: Captured,
): Promise<Manifest | undefined> => {
  const at = (name: string) => join(folder, name);
  const found = parsed(await readFile(at('manifest.json'), 'utf8').catch(() => ''));
  if (!isManifest(found)) return undefined;
  const timeless = ({ created: _, stages: __, ...rest }: Manifest) => JSON.stringify(rest);
  if (timeless(found) !== timeless(wanted)) return undefined;
  const { images } = captured;
  const isSame = await Promise.all([
    ...images.map((image) => isImage(at(basename(image.file.path)), image)),
    ...(wanted.medium ? [isFile(at(wanted.medium.file), wanted.medium.sha256)] : []),
    isFile(at('packages.txt'), sha256(packageLines(captured.packages))),
    hasSums(at('SHA256SUMS'), wanted),
  ]);
  return isSame.every(Boolean) ? found : undefined;
};

/** A raw image is known by its data: digesting its zeros would take longer than all the rest. */
const isImage = async (path: string, { file, dataDigest }: CapturedImage): Promise<boolean> => {
  if (dataDigest === undefined) return isFile(path, file.sha256);
  return (await sparseDigest(path).catch(() => undefined)) === dataDigest;
};

const isFile = async (path: string, digest: string): Promise<boolean> =>
  (await sha256File(path).catch(() => undefined)) === digest;

const hasSums = async (path: string, { images }: Manifest): Promise<boolean> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  return images.every(({ file, sha256 }) => text.includes(`${sha256}  ${file}\n`));
};

/** Its other fields are compared as text. */
const isManifest = (value: unknown): value is Manifest =>
  typeof value === 'object' && value !== null && 'manifestVersion' in value;
