/** A root file system as a folder, by mmdebstrap from the host's mirror. */
import { shellQuote } from '../../src/host/command-line.ts';
import { run } from '../../src/host/run.ts';
import type { AptLines } from './apt-lines.ts';

export interface RootWish {
  readonly packages: readonly string[];
  /** A folder whose content is there before the packages: an initramfs looks at fstab when it is made. */
  readonly files?: string;
}

/** Pure, so that the same words name the image in the cache. The target comes last but for the sources. */
export const mmdebstrapArguments = (
  { codename, lines, keyrings }: AptLines,
  { packages, files }: RootWish,
  target: string,
): string[] => [
  '--variant=important',
  '--mode=root',
  '--format=directory',
  ...keyrings.map((path) => `--keyring=${path}`),
  `--include=${packages.join(',')}`,
  ...(files === undefined ? [] : [`--essential-hook=cp -R ${shellQuote(files)}/. "$1"`]),
  codename,
  target,
  ...lines,
];

/** The versions of all packages that an image would be made of today: what decides whether a kept one still holds. */
export const versionsToday = async (
  apt: AptLines,
  packages: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> => {
  const args = mmdebstrapArguments(apt, { packages }, '/dev/null').filter((word) => !word.startsWith('--format'));
  const { stdout, stderr } = await run('mmdebstrap', ['--simulate', '--verbose', ...args], { signal });
  return [...`${stdout}\n${stderr}`.matchAll(/^Inst (\S+) \((\S+)/gm)]
    .map(([, name, version]) => `${name}=${version}`)
    .sort();
};
