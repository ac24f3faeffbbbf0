/**
 * Results that are kept between runs, by the digest of what they were made from and of the code that makes them. Each
 * appears by rename: a process that is killed leaves nothing half done.
 */
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, temporaryFolder } from '../../src/host/files.ts';

/** The folder with what `produce` puts into the one it is given; made only when it is not there yet. */
export const made = async (
  cache: string,
  name: string,
  inputs: unknown,
  produce: (folder: string) => Promise<void>,
): Promise<string> => keep(cache, name, sha256(JSON.stringify([await codeDigest(), inputs])), produce);

/** The same for what is only another form of its input, whatever the code is. */
export const keep = async (
  cache: string,
  name: string,
  digest: string,
  produce: (folder: string) => Promise<void>,
): Promise<string> => {
  const final = join(cache, 'made', `${name}-${digest.slice(0, 24)}`);
  if (await isThere(final)) {
    await utimes(final, new Date(), new Date());
    return final;
  }
  await mkdir(join(cache, 'made'), { recursive: true });
  await using work = await temporaryFolder('.make-', cache);
  const folder = join(work.path, 'result');
  await mkdir(folder);
  await produce(folder);
  await rename(folder, final).catch(async (error: unknown) => {
    // Another process was quicker with the same.
    if (!(await isThere(final))) throw error;
  });
  return final;
};

const UNUSED_FOR = 3 * 24 * 3600 * 1000;

/** Removes what nobody has asked for in three days. */
export const removeUnused = async (cache: string): Promise<void> => {
  const folder = join(cache, 'made');
  for (const name of await readdir(folder).catch(() => [])) {
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > UNUSED_FOR) await rm(join(folder, name), { recursive: true, force: true });
  }
};

export const isThere = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined)) !== undefined;

let digest: Promise<string> | undefined;

/** They make nothing that is kept. */
const NO_MAKERS = /^(?:make|proxy|serve|.*\.test)\.ts$/;

/** Of all modules beside this one that make something. */
const codeDigest = (): Promise<string> => {
  digest ??= (async () => {
    const names = (await readdir(import.meta.dirname))
      .filter((name) => name.endsWith('.ts') && !NO_MAKERS.test(name))
      .sort();
    const texts = await Promise.all(names.map((name) => readFile(join(import.meta.dirname, name), 'utf8')));
    return sha256(JSON.stringify(texts));
  })();
  return digest;
};
