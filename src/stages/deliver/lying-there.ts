/**
 * What lies in the output folder when a build begins. Its images are read by other threads while the stages are looked
 * up, since nothing else takes so long when nothing has changed. What cannot be read is not what was delivered: it is
 * delivered again, and writing there then says why that fails.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../capture/manifest.ts';
import { sparseDigest } from '../../host/sparse-digest.ts';
import { parsed } from '../../pipeline/result-text.ts';

export interface LyingThere extends Disposable {
  readonly folder: string;
  readonly manifest: Manifest | undefined;
  /** `sparseDigest` of a file as it is now; undefined for one that cannot be read. */
  dataDigest(name: string): Promise<string | undefined>;
  /** Whether SHA256SUMS has the images of a manifest. */
  hasSums(of: Manifest): Promise<boolean>;
}

interface Begun {
  readonly version: string | undefined;
  readonly digest: Promise<string | undefined>;
}

/** `recipeDigest`: of the recipe that is built. Images of another one are not what will be delivered. */
export const lookAtOutput = async (folder: string, recipeDigest: string): Promise<LyingThere> => {
  const found = parsed(await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => ''));
  const manifest = isManifest(found) ? found : undefined;
  const stop = new AbortController();
  const begin = async (name: string): Promise<Begun> => {
    const path = join(folder, name);
    const version = await versionOf(path);
    return { version, digest: sparseDigest(path, stop.signal).catch(() => undefined) };
  };
  const begun = new Map<string, Begun>();
  if (manifest?.recipe.digest === recipeDigest)
    for (const { file } of manifest.images) begun.set(file, await begin(file));
  return {
    folder,
    manifest,
    async dataDigest(name) {
      const early = begun.get(name);
      const digest = await early?.digest;
      // What was changed in the meantime is read again.
      if (early?.version !== undefined && early.version === (await versionOf(join(folder, name)))) return digest;
      return (await begin(name)).digest;
    },
    async hasSums({ images }) {
      const text = await readFile(join(folder, 'SHA256SUMS'), 'utf8').catch(() => '');
      return images.every(({ file, sha256 }) => text.includes(`${sha256}  ${file}\n`));
    },
    [Symbol.dispose]: () => stop.abort(),
  };
};

const versionOf = async (path: string): Promise<string | undefined> => {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && [found.ino, found.size, found.mtimeNs, found.ctimeNs].join();
};

/** Its other fields are compared as text. */
const isManifest = (value: unknown): value is Manifest =>
  typeof value === 'object' &&
  value !== null &&
  'manifestVersion' in value &&
  'images' in value &&
  Array.isArray(value.images) &&
  'recipe' in value;
