/**
 * apt in a folder of its own with several sources: what is on the medium, the .debs of the host, and repositories,
 * each with its own key. Nothing of the host's apt is used but its settings for the network.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sourceStanza } from '../../../formats/packages/apt-sources.ts';
import { writeKeyring } from '../../../origin/keyring.ts';
import { type AptPaths, aptPaths, renderAptConf } from '../archive/apt-conf.ts';
import { releaseText } from '../archive/release-file.ts';
import type { Ground } from './ground.ts';

export interface RepositorySource {
  /** `media.packages[2].repository`. */
  readonly where: string;
  readonly url: string;
  /** Ends in a slash for a repository without suites. */
  readonly suite: string;
  readonly components: readonly string[];
  /** Key files or armored keys. */
  readonly keys: readonly string[];
}

export interface ExtraApt {
  readonly paths: AptPaths;
  /** The keyring file of each repository, in their order; one that is named twice has one for both. */
  readonly keyrings: readonly string[];
  /** A file for each repository, in their order: it tells apt's answers apart. */
  readonly sources: readonly string[];
  /** Whether the status file is that of a system, which is there whatever apt would rather have. */
  readonly isInstalled: boolean;
}

/** What needs no fetching: stanzas of the .debs, and what they come on top of. */
export interface LocalIndexes {
  readonly ground: Ground;
  readonly debs: string;
}

/** Throws `origin.keyring-missing` or `origin.keyring-invalid`. */
export const openExtraApt = async (
  folder: string,
  repositories: readonly RepositorySource[],
  local: LocalIndexes,
): Promise<ExtraApt> => {
  const paths = aptPaths(folder);
  await mkdir(join(paths.lists, 'partial'), { recursive: true });
  await mkdir(join(paths.cache, 'archives', 'partial'), { recursive: true });
  const parts = join(folder, 'sources');
  await mkdir(parts);
  const distinct = [...Map.groupBy(repositories, nameOf).values()];
  const keyringOf = (index: number): string => join(folder, `key-${index}.gpg`);
  const sourceOf = (index: number): string => join(parts, `${index}.sources`);
  for (const [index, same] of distinct.entries()) {
    const [{ url, suite } = { url: '', suite: '' }] = same;
    const components = [...new Set(same.flatMap((one) => one.components))];
    await writeKeyring([...new Set(same.flatMap(({ keys }) => keys))], keyringOf(index));
    await writeFile(
      sourceOf(index),
      sourceStanza({
        uris: [url],
        suites: [suite],
        components: suite.endsWith('/') ? undefined : components,
        architectures: 'amd64',
        signedBy: keyringOf(index),
      }),
    );
  }
  const indexes = repositories.map((one) => distinct.findIndex((same) => same.includes(one)));
  const [keyrings, sources] = [indexes.map(keyringOf), indexes.map(sourceOf)];
  for (const [name, index] of Object.entries({ medium: local.ground.index, debs: local.debs }))
    await writeFile(join(parts, `${name}.sources`), await localSource(join(folder, name), index, `ingot-${name}`));
  await writeFile(paths.status, '');
  await writeFile(join(folder, 'base'), local.ground.status);
  await writeFile(join(folder, 'preferences'), PREFER_MEDIUM);
  await writeFile(paths.config, `${renderAptConf(paths)}${settings(parts)}`);
  return { paths, keyrings, sources, isInstalled: local.ground.isInstalled };
};

/** apt refuses one repository twice with different keys, so one that is named twice has the keys of both. */
const nameOf = ({ url, suite }: RepositorySource): string => `${url.replace(/\/+$/, '')} ${suite}`;

/** In place of the settings for Debian's own mirrors: other archives may have no xz; indexes are kept unpacked. */
const settings = (parts: string): string => `Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "${parts}";
Acquire::GzipIndexes "false";
#clear Acquire::CompressionTypes::Order;
`;

/** What is on the medium is good enough; with this file apt takes something newer only where it is asked for. */
const PREFER_MEDIUM = 'Package: *\nPin: release l=ingot-medium\nPin-Priority: 990\n';

/**
 * Starting points for apt, until it finds a solution: over the medium's base system, which decides between alternatives, and
 * from an empty one; apt keeps to a preference even where only something newer would do. What is installed stays.
 */
export const aptAttempts = ({ paths, isInstalled }: ExtraApt): string[][] => {
  const folder = dirname(paths.config);
  const prefer = ['-o', `Dir::Etc::preferences=${join(folder, 'preferences')}`];
  const over = ['-o', `Dir::State::status=${join(folder, 'base')}`];
  return isInstalled ? [over] : [[...over, ...prefer], prefer, over, []];
};

/** Made on this host from what was checked: nobody signs it. */
const localSource = async (folder: string, index: string, label: string): Promise<string> => {
  await mkdir(folder);
  await writeFile(join(folder, 'Packages'), index);
  const release = releaseText([['Packages', index]], { suite: label, label, date: 0, arch: 'amd64' });
  await writeFile(join(folder, 'Release'), release);
  return sourceStanza({
    uris: [pathToFileURL(folder).href],
    suites: ['./'],
    architectures: 'amd64',
    trusted: true,
  });
};
