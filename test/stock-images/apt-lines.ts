/** The archive that the host's apt names, in the forms that makers of images take. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findMirrors } from '../../src/distributions/debian/archive/find-mirrors.ts';
import { debianRelease } from '../../src/distributions/debian/archive/releases.ts';

export interface AptLines {
  readonly codename: string;
  /** The archive itself, and the one of security updates, without a slash at the end. */
  readonly mirror: string;
  readonly securityMirror: string;
  /** One-line sources of the release, its updates and its security updates. */
  readonly lines: readonly string[];
  /** Files with the keys that sign it. */
  readonly keyrings: readonly string[];
}

/** Throws `origin.no-mirror` and its neighbours. `folder` takes a key that the host's apt names by its text. */
export const aptLines = async (release: string, folder: string): Promise<AptLines> => {
  const { codename, suites } = debianRelease(release);
  const { urls, keys } = await findMirrors({}, debianRelease(release));
  await mkdir(folder, { recursive: true });
  const keyrings = await Promise.all(
    keys.map(async (key, nth) => {
      if (key.startsWith('/')) return key;
      const path = join(folder, `archive-${nth}.asc`);
      await writeFile(path, key);
      return path;
    }),
  );
  const lines = suites.map(({ name, archive }) => `deb ${urls[archive]} ${name} main`);
  return { codename, mirror: urls.mirror, securityMirror: urls.security, lines, keyrings };
};
