/**
 * Debian's apt, worked in a private folder: its own sources, keyring, lists and an empty status file. The host's apt
 * is not touched, and no root is needed.
 */
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryName } from '../../../host/files.ts';
import { ifThere } from '../../../host/if-there.ts';
import { type RunResult, run } from '../../../host/run.ts';
import { linkOrCopy } from '../../../origin/blobs.ts';
import { writeKeyring } from '../../../origin/keyring.ts';
import type { Reporter } from '../../../report.ts';
import { type AptPaths, aptPaths, renderAptConf, renderSources } from './apt-conf.ts';
import { aptError } from './apt-error.ts';
import type { Mirrors } from './find-mirrors.ts';
import type { Release } from './releases.ts';

export const APT_HELPER = '/usr/lib/apt/apt-helper';
const HINT = 'Ingot fetches Debian packages with apt: install apt, dpkg and gpgv on this host.';

export interface Apt {
  readonly paths: AptPaths;
  readonly mirrors: Mirrors;
  readonly release: Release;
  /** SHA-256 of the joined keyring. */
  readonly keyringDigest: string;
}

export interface AptContext {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** Writes configuration, sources and keyring below `folder`, which must be the caller's own. */
export const openApt = async (folder: string, release: Release, mirrors: Mirrors): Promise<Apt> => {
  const paths = aptPaths(folder);
  for (const path of [paths.lists, paths.checkedLists]) await mkdir(join(path, 'partial'), { recursive: true });
  await mkdir(join(paths.cache, 'archives', 'partial'), { recursive: true });
  const keyringDigest = await writeKeyring(mirrors.keys, paths.keyring);
  await writeFile(paths.config, renderAptConf(paths));
  await writeFile(paths.sources, renderSources(release, mirrors, paths.keyring));
  await writeFile(paths.status, '');
  return { paths, mirrors, release, keyringDigest };
};

export const aptGetArguments = (paths: AptPaths, args: readonly string[]): string[] => ['-c', paths.config, ...args];

/**
 * Fetches the indexes of all suites. `seed` is a folder with those of the last time: what has not changed is not
 * fetched again, and the new ones are left there. Files in it change only by rename, so builds may share it.
 */
export const updateIndexes = async (apt: Apt, seed: string, context: AptContext): Promise<void> => {
  await copyLists(seed, apt.paths.lists);
  const result = await run('apt-get', aptGetArguments(apt.paths, ['-o', 'pkgCacheFile::Generate=false', 'update']), {
    allow: [100],
    onLine: (line) => context.reporter.line(line),
    signal: context.signal,
    hint: HINT,
  });
  if (result.exitCode !== 0) throw aptError(outputOf(result), 'fetch the indexes', urls(apt));
  await copyLists(apt.paths.lists, seed);
};

const urls = (apt: Apt): string => [...new Set(Object.values(apt.mirrors.urls))].join(', ');
export const outputOf = (result: RunResult): string => `${result.stdout}\n${result.stderr}`;

/** `isWanted`: which of them, by name. */
export const copyLists = async (
  from: string,
  to: string,
  isWanted: (name: string) => boolean = () => true,
): Promise<void> => {
  await mkdir(to, { recursive: true });
  const names = ((await ifThere(readdir(from))) ?? []).filter((name) => LIST.test(name) && isWanted(name));
  for (const name of names) {
    const temporary = temporaryName(join(to, name));
    await linkOrCopy(join(from, name), temporary);
    await rename(temporary, join(to, name));
    // rename(2) does nothing when both names are links to one file already.
    await rm(temporary, { force: true });
  }
};

const LIST = /_(InRelease|Release|Release\.gpg|Packages(\.\w+)?)$/;

export interface IndexTarget {
  readonly suite: string;
  readonly component: string;
  /** Below dists/<suite>/, without compression ending: `main/binary-amd64/Packages`. */
  readonly metaKey: string;
  /** Where apt keeps it. */
  readonly file: string;
  /** Where apt keeps the InRelease that it belongs to. */
  readonly inRelease: string;
}

const FORMAT = '$(RELEASE)|$(COMPONENT)|$(METAKEY)|$(FILENAME)';

/** The indexes that apt has for this folder's sources, found by apt itself. */
export const indexTargets = async (apt: Apt, context: AptContext): Promise<IndexTarget[]> => {
  const args = aptGetArguments(apt.paths, ['indextargets', '--format', FORMAT, 'Created-By: Packages']);
  const { stdout } = await run('apt-get', args, { signal: context.signal, hint: HINT });
  return stdout
    .split('\n')
    .map((line) => line.split('|'))
    .flatMap(([suite, component, metaKey, file]) => {
      if (!suite || !component || !metaKey || !file) return [];
      const end = `_${metaKey.replaceAll('/', '_')}`;
      const inRelease = `${file.slice(0, file.lastIndexOf(end))}_InRelease`;
      return [{ suite, component, metaKey, file, inRelease }];
    });
};

/** Puts a checked file where the resolver reads it, under the name apt knows it by. */
export const acceptInRelease = (apt: Apt, file: string): Promise<void> =>
  copyFile(file, join(apt.paths.checkedLists, file.slice(file.lastIndexOf('/') + 1)));

/** Unpacks a checked index (any compression apt knows) for the resolver; returns where. */
export const acceptIndex = async (apt: Apt, file: string, context: AptContext): Promise<string> => {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/_Packages\.\w+$/, '_Packages');
  const outputFile = join(apt.paths.checkedLists, name);
  await run(APT_HELPER, ['cat-file', file], { outputFile, signal: context.signal, hint: HINT });
  return outputFile;
};
