/** Kernels among package names: `linux-image-6.1.0-40-cloud-amd64` is the release 6.1.0-40-cloud-amd64, of the flavour cloud-amd64. */

const VERSION = /^\d[\d.]*(\+\w+)?(-\d+(\.\w+)*)?-?/;

const PACKAGE = /^linux-(?:image|image-unsigned|headers|modules|modules-extra)-(\d.*?)(?:-unsigned)?$/;

const releaseOf = (name: string): string | undefined =>
  /^linux-image/.test(name) ? PACKAGE.exec(name)?.[1] : undefined;

const flavourOf = (release: string): string => release.replace(VERSION, '');

const inOrder = new Intl.Collator('en', { numeric: true }).compare;

/** Packages of kernels that are neither running nor the newest of their flavour; those with headers of them too. */
export const oldKernels = (names: Iterable<string>, running: string): string[] => {
  const all = [...names];
  const releases = [...new Set(all.flatMap((name) => releaseOf(name) ?? []))].sort(inOrder);
  const newest = new Map(releases.map((release) => [flavourOf(release), release]));
  const old = releases.filter((release) => release !== running && newest.get(flavourOf(release)) !== release);
  return all.filter((name) => {
    const release = PACKAGE.exec(name)?.[1];
    return release !== undefined && old.includes(release);
  });
};

const GENERAL = 'amd64';

/** The general kernel's packages: each release, and those that follow the newest one. */
export const generalKernels = (names: Iterable<string>): string[] =>
  [...names].filter((name) => {
    const rest = /^linux-(?:image|headers)-(.+?)(?:-unsigned)?$/.exec(name)?.[1];
    return rest !== undefined && (rest === GENERAL || (/^\d/.test(rest) && flavourOf(rest) === GENERAL));
  });

export const isCloudRelease = (release: string): boolean => flavourOf(release) === 'cloud-amd64';

export const hasCloudKernel = (names: Iterable<string>): boolean =>
  [...names].some((name) => isCloudRelease(releaseOf(name) ?? ''));

/** The release that an image starts, as far as names tell it. */
export const newestKernel = (names: Iterable<string>): string | undefined =>
  [...names]
    .flatMap((name) => releaseOf(name) ?? [])
    .sort(inOrder)
    .at(-1);
