/** What of wanted packages identifies them in a stage's key. */
import { relative } from 'node:path';
import type { RepositorySource } from '../../distributions/debian/added/apt-with-sources.ts';
import type { WantedDeb, WantedRepository } from '../../distributions/debian/added/resolve-added.ts';
import { sha256File } from '../../host/files.ts';
import type { Json } from '../../pipeline/stage.ts';

export const debsKey = async (debs: readonly WantedDeb[], folder: string): Promise<Json> =>
  Object.fromEntries(
    await Promise.all(debs.map(async ({ path, install }) => [relative(folder, path), await debKey(path, install)])),
  );

export const repositoriesKey = (repositories: readonly WantedRepository[]): Promise<Json[]> =>
  Promise.all(repositories.map(repositoryKey));

const debKey = async (path: string, install: boolean): Promise<Json> => ({ sha256: await sha256File(path), install });

const repositoryKey = async ({ url, suite, components, keys, packages, install }: WantedRepository): Promise<Json> => ({
  url,
  suite,
  components,
  keys: await keyDigests(keys),
  packages,
  install,
});

const keyDigests = (keys: RepositorySource['keys']): Promise<string[]> =>
  Promise.all(keys.map((key) => (key.startsWith('/') ? sha256File(key) : key)));
