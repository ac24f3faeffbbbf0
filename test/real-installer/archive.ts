/**
 * An archive with a complete installer, to lie over the mirror's own: an index of all udebs, those udebs, and the suite's
 * Release with nothing changed but the sums of that index, signed by a test key. `serve.ts` offers both as one.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Mirrors } from '../../src/distributions/debian/archive/find-mirrors.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { gzip } from '../../src/formats/compression/compression.ts';
import { run } from '../../src/host/run.ts';
import { linkOrCopy } from '../../src/origin/blobs.ts';
import { writeKeyring } from '../../src/origin/keyring.ts';
import type { Missing } from './incomplete.ts';
import { made } from './made.ts';
import { signedText } from './release-text.ts';
import { requireUdebs } from './required.ts';
import { testKey, writeSigned } from './test-key.ts';
import { repackedOf, type Udeb } from './udeb.ts';
import { UDEB_INDEX } from './udeb-index.ts';
import { completeUdebs } from './udebs.ts';
import { type Options, openWorkshop, type ReleaseNumber } from './workshop.ts';

export interface CompleteArchive {
  /** dists/ and pool/ of what differs from the mirror. */
  readonly folder: string;
  readonly codename: string;
  readonly mirrors: Mirrors;
  /** The test key and Debian's own. */
  readonly keyring: string;
  /** Of the netboot package, which the archive has all modules for. */
  readonly kernelRelease: string;
  /** Udebs that are not in the index. */
  readonly missing: readonly Missing[];
  readonly repacked: readonly { readonly name: string; readonly from: string }[];
}

/** Throws `Incomplete` when the mirror lacks what no installation comes to its end without. */
export const completeArchive = async (number: ReleaseNumber, options: Options): Promise<CompleteArchive> => {
  await using workshop = await openWorkshop(number, options);
  const { cache, blobs, mirrors, release, suite } = workshop;
  const { codename } = release;
  const set = await completeUdebs(workshop, number, options);
  const { netboot } = set;
  requireUdebs('an archive', set, netboot);
  // The installer would take another version than the initrd's for a newer one, over Debian's own.
  const inInitrd = ({ name }: Udeb) => netboot.versions.get(name);
  const isOffered = (udeb: Udeb) =>
    udeb.from === undefined || [undefined, udeb.fields.get('version')].includes(inInitrd(udeb));
  const all = [...set.udebs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const udebs = all.filter(isOffered);
  const leftOut = all.filter((udeb) => !isOffered(udeb));
  const missing = [
    ...set.missing,
    ...leftOut.map((udeb) => ({ name: udeb.name, why: `not on the mirror; the netboot initrd has ${inInitrd(udeb)}` })),
  ];
  const key = await testKey(cache);
  const inputs = [suite.inRelease.sha256, udebs.map(({ sha256, filename }) => [sha256, filename]), mirrors.keys];
  const folder = await made(cache, `archive-${codename}`, inputs, async (to) => {
    workshop.tell(`an archive of ${udebs.length} udebs`);
    for (const { file, filename } of udebs) await linkOrCopy(file, join(to, filename));
    const packages = Buffer.from(udebs.map(({ stanza }) => `${stanza}\n\n`).join(''));
    const dist = join(to, 'dists', codename);
    const index = join(dist, UDEB_INDEX);
    await mkdir(dirname(index), { recursive: true });
    await writeFile(index, packages);
    await writeFile(`${index}.gz`, await bytesOf(gzip([packages])));
    await run('xz', ['--keep', index]);
    // Served from here, it fits the Release for as long as that is offered, whatever becomes of the mirror's.
    const ordinary = suite.release.files.get(ORDINARY_INDEX);
    if (ordinary !== undefined) await blobs.place(ordinary, join(dist, ORDINARY_INDEX), ORDINARY_INDEX);
    const files = new Map<string, Buffer>();
    for (const end of ['', '.gz', '.xz']) files.set(`${UDEB_INDEX}${end}`, await readFile(`${index}${end}`));
    await writeSigned(dist, derivedRelease(await signedText(suite), files), key);
    await writeKeyring([...mirrors.keys, key.public], join(to, 'keyring.gpg'));
  });
  return {
    ...{ folder, codename, mirrors, missing },
    keyring: join(folder, 'keyring.gpg'),
    kernelRelease: netboot.kernelRelease,
    repacked: repackedOf(udebs),
  };
};

const ORDINARY_INDEX = 'main/binary-amd64/Packages.xz';

const ALGORITHMS: Readonly<Record<string, string>> = {
  MD5Sum: 'md5',
  SHA1: 'sha1',
  SHA256: 'sha256',
  SHA512: 'sha512',
};

/** With the sums of these files instead of the signed ones. What is found by its sum would be looked for on the mirror. */
export const derivedRelease = (release: string, files: ReadonlyMap<string, Buffer>): string => {
  let algorithm: string | undefined;
  const lines = release.split('\n').map((line) => {
    const section = /^(\w+):\s*$/.exec(line)?.[1];
    if (section !== undefined) algorithm = ALGORITHMS[section];
    if (/^Acquire-By-Hash:/.test(line)) return 'Acquire-By-Hash: no';
    const path = /^ [0-9a-f]+\s+\d+ (\S+)$/.exec(line)?.[1];
    const content = path === undefined ? undefined : files.get(path);
    if (content === undefined || algorithm === undefined) return line;
    return ` ${createHash(algorithm).update(content).digest('hex')} ${content.length} ${path}`;
  });
  return `${lines.join('\n').trimEnd()}\n`;
};
