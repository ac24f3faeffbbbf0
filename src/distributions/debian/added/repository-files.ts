/** The repository that is added to a medium, as files: an index, and a Release over it that is signed. */

import { clearsign } from '../../../formats/signatures/openpgp.ts';
import { releaseText } from '../archive/release-file.ts';
import type { SigningKey } from './signing-key.ts';

/** Where it lies on the medium. `.aptignr` keeps apt-cdrom(8) out of it: it has a source line and a key of its own. */
export const EXTRA_FOLDER = '/ingot/packages';
const SUITE = 'ingot';

export interface RepositoryFile {
  /** Below `EXTRA_FOLDER`. */
  readonly path: string;
  readonly content: string | Buffer;
}

export interface RepositoryContent {
  /** Stanzas, each with a Filename below the repository. */
  readonly stanzas: readonly string[];
  /** `NAME=VERSION` of those that the installer installs. */
  readonly install: readonly string[];
  readonly arch: string;
  /** Seconds since 1970. */
  readonly date: number;
}

export const packagesIndex = (stanzas: readonly string[]): string => stanzas.map((text) => `${text}\n\n`).join('');

export const repositoryFiles = (content: RepositoryContent, key: SigningKey): RepositoryFile[] => {
  const { stanzas, install, arch, date } = content;
  const packages = packagesIndex(stanzas);
  const path = `main/binary-${arch}/Packages`;
  const release = releaseText([[path, packages]], { suite: SUITE, label: 'Ingot', date, arch, component: 'main' });
  return [
    { path: '.aptignr', content: '' },
    { path: `dists/${SUITE}/${path}`, content: packages },
    { path: `dists/${SUITE}/InRelease`, content: clearsign(release, key, date) },
    { path: 'key.gpg', content: key.publicKey },
    ...(install.length === 0 ? [] : [{ path: 'install', content: install.map((line) => `${line}\n`).join('') }]),
  ];
};
