/** An install ISO with Debian's own installer, laid out as debian-cd does it. */
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseStanza, type Stanza } from '../../src/formats/packages/deb822.ts';
import { digestFile } from '../../src/host/digest.ts';
import { publish, requireSpace, temporaryFolder, temporaryName } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { stampOf } from '../../src/media/iso/xorriso-args.ts';
import { linkOrCopy } from '../../src/origin/blobs.ts';
import { writeBootFiles } from './cd-boot.ts';
import { cdDebs, type Kind } from './cd-debs.ts';
import { writeDists } from './cd-dists.ts';
import { cdInitrd } from './cd-initrd.ts';
import { cdUdebs } from './cd-udebs.ts';
import { readDebianCd } from './debian-cd.ts';
import { englishUdeb } from './english-templates.ts';
import type { Missing } from './incomplete.ts';
import { made } from './made.ts';
import { signedText } from './release-text.ts';
import { repackedOf } from './udeb.ts';
import { completeUdebs } from './udebs.ts';
import { inParallel } from './unpack.ts';
import { fetchDebs, type Options, openWorkshop, type ReleaseNumber } from './workshop.ts';

export interface CompleteIso {
  readonly iso: string;
  readonly kernelRelease: string;
  /** Udebs on the medium that are not Debian's own files. */
  readonly repacked: readonly { readonly name: string; readonly from: string }[];
  /** Udebs of the release that the medium could not have. */
  readonly missing: readonly Missing[];
}

/** Throws `Incomplete` when the mirror lacks what no installation comes to its end without. */
export const completeIso = async (number: ReleaseNumber, kind: Kind, options: Options): Promise<CompleteIso> => {
  await using workshop = await openWorkshop(number, options);
  const { cache, context, tell } = workshop;
  const debianCd = await readDebianCd(workshop);
  const set = await completeUdebs(workshop, number, options);
  const { netboot } = set;
  // Debian's own modules, if any kernel has them all.
  const kernelRelease = set.genuineKernel ?? netboot.kernelRelease;
  const wish = { set, kernelRelease, debianCd, english: kind === 'english' };
  const text = await cdInitrd(workshop, { ...wish, initrd: netboot.text.initrd });
  const gtk = kind === 'english' ? text : await cdInitrd(workshop, { ...wish, initrd: netboot.gtk.initrd });
  const { udebs, lacking } = cdUdebs(set, { text, gtk, kernelRelease }, debianCd);
  const { debs } = await cdDebs(workshop, kind, debianCd);
  tell(`${debs.length} packages, ${udebs.length} udebs`);
  await fetchDebs(workshop, debs);
  const pool = kind === 'english' ? await inParallel(udebs, (udeb) => englishUdeb(workshop, udeb)) : udebs;
  const inputs = [kind, text, gtk, pool.map(({ sha256 }) => sha256), debs.map(({ sha256 }) => sha256)];
  const folder = await made(cache, `iso-${workshop.release.codename}-${kind}`, inputs, async (to) => {
    const release = parseStanza(await signedText(workshop.suite));
    const date = Date.parse(release.get('date') ?? '') / 1000;
    await requireSpace(cache, debs.reduce((sum, { size }) => sum + size, 0) * 1.5 + 2 ** 29, 'the medium');
    await using work = await temporaryFolder('.tree-', cache);
    const root = join(work.path, 'tree');
    await mkdir(join(root, 'install.amd/gtk'), { recursive: true });
    for (const [path, { kernel, initrd }] of [
      ['install.amd', text],
      ['install.amd/gtk', gtk],
    ] as const) {
      await linkOrCopy(kernel, join(root, path, 'vmlinuz'));
      await linkOrCopy(initrd, join(root, path, 'initrd.gz'));
    }
    const mbr = await writeBootFiles(workshop, netboot, root, { date, seed: JSON.stringify(inputs) });
    await writeDists(workshop, root, { debs, udebs: pool, release });
    await writeDisk(root, kind, release, debianCd.udebInclude(kind === 'netinst' ? 'netinst' : 'dvd'));
    await writeSums(root);
    tell('the ISO');
    const output = join(to, 'debian.iso');
    await run('xorriso', isoArguments({ root, output, mbr, date, volumeId: volumeId(kind, release) }), {
      signal: context.signal,
    });
  });
  return {
    iso: join(folder, 'debian.iso'),
    kernelRelease,
    repacked: repackedOf(pool),
    missing: [...set.missing, ...lacking],
  };
};

const versionOf = (release: Stanza): string => `${release.get('version')}.0`;

const volumeId = (kind: Kind, release: Stanza): string =>
  `Debian ${versionOf(release)} amd64 ${kind === 'netinst' ? 'n' : '1'}`;

const writeDisk = async (root: string, kind: Kind, release: Stanza, udebInclude: string): Promise<void> => {
  const codename = release.get('codename') ?? '';
  const day = new Date(release.get('date') ?? '').toISOString().slice(0, 16).replaceAll('-', '').replace('T', '-');
  const type = kind === 'netinst' ? 'NETINST' : 'DVD Binary-1';
  const title = `${codename.charAt(0).toUpperCase()}${codename.slice(1)}`;
  const texts = {
    info: `Debian GNU/Linux ${versionOf(release)} "${title}" - Unofficial amd64 ${type} with firmware ${day}`,
    base_components: 'main\n',
    base_installable: '',
    cd_type: kind === 'netinst' ? 'not_complete\n' : 'dvd\n',
    udeb_include: udebInclude,
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(root, '.disk', name), text);
  await symlink('.', join(root, 'debian'));
  await mkdir(join(root, 'install'));
  await writeFile(join(root, 'README.txt'), `${texts.info}\nMade for tests from Debian's packages.\n`);
};

/** Mastering writes into these. */
const WITHOUT_SUM = ['isolinux/isolinux.bin', 'isolinux/boot.cat', 'md5sum.txt'];

const writeSums = async (root: string): Promise<void> => {
  const items = (await readdir(root, { recursive: true, withFileTypes: true })).filter((item) => item.isFile());
  const paths = items.map((item) => join(item.parentPath, item.name).slice(root.length + 1)).sort();
  const wanted = paths.filter((path) => !WITHOUT_SUM.includes(path));
  const lines = await inParallel(wanted, async (path) => `${await digestFile(join(root, path), 'md5')}  ./${path}\n`);
  await writeFile(join(root, 'md5sum.txt'), lines.join(''));
};

interface IsoArguments {
  readonly root: string;
  readonly output: string;
  readonly mbr: string;
  readonly volumeId: string;
  readonly date: number;
}

/** As debian-cd has them; the times are those of the release. */
const isoArguments = ({ root, output, mbr, volumeId, date }: IsoArguments): string[] => [
  ...['-no_rc', '-stdio_sync', 'off', '-as', 'mkisofs', '-r', '-V', volumeId, '-o', output],
  ...[
    '-J',
    '-joliet-long',
    '-cache-inodes',
    `--modification-date=${stampOf(date)}`,
    '--set_all_file_dates',
    `=${date}`,
  ],
  ...['--gpt_disk_guid', 'modification-date', '-isohybrid-mbr', mbr],
  ...['-b', 'isolinux/isolinux.bin', '-c', 'isolinux/boot.cat'],
  ...['-boot-load-size', '4', '-boot-info-table', '-no-emul-boot'],
  ...['-eltorito-alt-boot', '-e', 'boot/grub/efi.img', '-no-emul-boot'],
  ...['-isohybrid-gpt-basdat', '-isohybrid-apm-hfsplus', root],
];

/** Puts a copy where it is wanted, whole or not at all. */
export const putIso = async (iso: string, output: string): Promise<void> => {
  await mkdir(dirname(output), { recursive: true });
  const temporary = temporaryName(output);
  try {
    // A copy: what is done to it must not reach the cache.
    await copyFile(iso, temporary, constants.COPYFILE_FICLONE);
    await publish(temporary, output);
  } finally {
    await rm(temporary, { force: true });
  }
};
