/** `dists/` and `pool/` of a medium: its own indexes, and a Release that nobody has signed, as on Debian's own media. */
import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PackageEntry } from '../../src/distributions/debian/archive/package-index.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { gzip } from '../../src/formats/compression/compression.ts';
import type { Stanza } from '../../src/formats/packages/deb822.ts';
import { linkOrCopy } from '../../src/origin/blobs.ts';
import type { Udeb } from './udeb.ts';
import type { Workshop } from './workshop.ts';

interface Content {
  readonly debs: readonly PackageEntry[];
  readonly udebs: readonly Udeb[];
  /** Of the suite's Release. */
  readonly release: Stanza;
}

export const writeDists = async (
  { blobs, release: { codename } }: Workshop,
  root: string,
  { debs, udebs, release }: Content,
): Promise<void> => {
  for (const deb of debs) await blobs.place(deb, join(root, deb.filename), deb.filename);
  for (const udeb of udebs) await linkOrCopy(udeb.file, join(root, udeb.filename));
  const dist = join(root, 'dists', codename);
  const sums: string[][] = [[], []];
  const note = (path: string, content: Uint8Array | string) => {
    for (const [index, algorithm] of ['md5', 'sha256'].entries()) {
      const digest = createHash(algorithm).update(content).digest('hex');
      sums[index]?.push(` ${digest} ${String(Buffer.byteLength(content)).padStart(16)} ${path}`);
    }
  };
  const put = async (path: string, content: Uint8Array | string) => {
    await mkdir(dirname(join(dist, path)), { recursive: true });
    await writeFile(join(dist, path), content);
    note(path, content);
  };
  const indexes = {
    'main/binary-amd64': debs.map(({ text }) => text),
    'main/debian-installer/binary-amd64': udebs.map(({ stanza }) => stanza),
  };
  for (const [folder, stanzas] of Object.entries(indexes)) {
    const packages = [...stanzas]
      .sort()
      .map((text) => `${text}\n\n`)
      .join('');
    // The sums of both forms are in Release, as on Debian's media; the packed one alone is on the medium.
    note(`${folder}/Packages`, packages);
    await put(`${folder}/Packages.gz`, await bytesOf(gzip([Buffer.from(packages)])));
    await put(`${folder}/Release`, partRelease(release));
  }
  const [md5 = [], sha256 = []] = sums;
  await writeFile(join(dist, 'Release'), [...head(release), 'MD5Sum:', ...md5, 'SHA256:', ...sha256, ''].join('\n'));
  await symlink(codename, join(root, 'dists', release.get('suite') ?? 'stable'));
};

const partRelease = (release: Stanza): string =>
  [
    'Archive: stable',
    'Origin: Debian',
    'Label: Debian',
    `Version: ${release.get('version')}`,
    'Acquire-By-Hash: yes',
    'Component: main',
    'Architecture: amd64',
    '',
  ].join('\n');

const head = (release: Stanza): string[] => {
  const field = (name: string) => `${name}: ${release.get(name.toLowerCase())}`;
  return [
    ...['Origin', 'Label', 'Suite', 'Version', 'Codename', 'Changelogs', 'Date', 'Acquire-By-Hash'].map(field),
    'Architectures: amd64',
    'Components: main',
    field('Description'),
  ];
};
