/**
 * The medium's own package index: it lists what is on the medium and nothing else, so that apt in the guest reads
 * 200 packages instead of 64,000 and never chooses one that is not there. It is a digest of the signed indexes, made
 * after they were checked; the signed ones lie under debian/dists.
 */
import { type Lock, lockDate } from '../archive/package-lock.ts';
import { releaseText } from '../archive/release-file.ts';

export interface TextFile {
  /** Below the medium's root. */
  readonly path: string;
  readonly text: string;
}

/** `dists/<codename>/{Release, main/binary-amd64/Packages}`. */
export const mediumIndex = (lock: Lock): TextFile[] => {
  const { codename, arch, number } = lock.release;
  // An empty line ends every stanza: bootstrap-base's pkgdetails passes over the last one without it.
  const packages = lock.debs.map(({ stanza }) => `${stanza}\n\n`).join('');
  const path = `main/binary-${arch}/Packages`;
  const release = releaseText([[path, packages]], {
    suite: codename,
    label: 'Ingot',
    version: number,
    date: lockDate(lock),
    arch,
    component: 'main',
    description: `Packages on this medium, from ${lock.suites.map(({ name }) => name).join(', ')}`,
  });
  return [
    { path: `dists/${codename}/Release`, text: release },
    { path: `dists/${codename}/${path}`, text: packages },
  ];
};
