/**
 * The initrd of an install CD: debian-installer's netboot initrd without what only an installation over the network
 * needs, with what finds and reads the medium, and with the modules that debian-cd leaves out of the pool because they
 * are in here.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseRelations } from '../../src/distributions/debian/archive/relations.ts';
import { INFO_SUFFIXES, installedNames, mergeStatus } from '../../src/distributions/debian/medium/installer-status.ts';
import { treeEntries } from '../../src/distributions/debian/medium/tree-entries.ts';
import { cpioArchive, withParents } from '../../src/formats/archives/cpio.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { gzip } from '../../src/formats/compression/compression.ts';
import type { Stanza } from '../../src/formats/packages/deb822.ts';
import { run } from '../../src/host/run.ts';
import type { DebianCd } from './debian-cd.ts';
import { inEnglish } from './english-templates.ts';
import { Incomplete } from './incomplete.ts';
import { contentOf, type Entry, type InitrdTree, readTree, requireLibraries } from './initrd-tree.ts';
import { kernelOf } from './kernel-udebs.ts';
import { made } from './made.ts';
import type { Udeb } from './udeb.ts';
import type { UdebSet } from './udebs.ts';
import { controlOf, filesOf, unpacked } from './unpack.ts';
import type { Workshop } from './workshop.ts';

export interface CdInitrd {
  readonly kernel: string;
  readonly initrd: string;
  /** Names of the udebs in it. */
  readonly installed: readonly string[];
}

/** What the netboot initrd alone has. wget stays: debootstrap wants to see one, and busybox has none here. */
const NETBOOT_ONLY = [
  ...['choose-mirror', 'choose-mirror-bin', 'download-installer', 'net-retriever', 'network-preseed', 'netcfg'],
  ...['ethdetect', 'wpasupplicant-udeb', 'wide-dhcpv6-client-udeb', 'rdnssd-udeb', 'ndisc6-udeb'],
  ...['ca-certificates-udeb', 'wireless-regdb-udeb', 'libiw30-udeb', 'libnl-3-200-udeb', 'libnl-genl-3-200-udeb'],
];

/** What finds the medium and reads it. */
const CD_ONLY = ['cdrom-detect', 'cdrom-retriever', 'load-cdrom'];
const CD_EXTRA = ['cdrom-checker'];

/** These would ask for a mirror; they have no files of their own. */
const NEVER_ON_CD = ['choose-mirror', 'download-installer'];

interface Wish {
  readonly initrd: string;
  readonly set: UdebSet;
  readonly kernelRelease: string;
  readonly debianCd: DebianCd;
  readonly english: boolean;
}

export const cdInitrd = async (workshop: Workshop, wish: Wish): Promise<CdInitrd> => {
  const { set, kernelRelease, english } = wish;
  const inputs = [
    ...[wish.initrd, kernelRelease, english],
    [...set.udebs.values()].map(({ name, sha256 }) => [name, sha256, wish.debianCd.leavesOut(name)]),
  ];
  const folder = await made(workshop.cache, `cd-initrd-${workshop.release.codename}`, inputs, async (to) => {
    workshop.tell(`an initrd for a CD with the kernel ${kernelRelease}`);
    const tree = await readTree(wish.initrd);
    const status = tree.text(STATUS);
    const dropped = droppedUdebs(status, set);
    for (const udeb of dropped) await removeFiles(workshop, tree, udeb, set.udebs.get(udeb));
    tree.removeBelow('lib/modules');
    const installed = new Set(installedNames(status).filter((name) => !dropped.includes(name)));
    const added = addedUdebs(wish, installed);
    for (const udeb of added) await addFiles(workshop, tree, udeb);
    const controls = await Promise.all(
      added.map(async (udeb) => ({ control: await controlFor(workshop, udeb), info: new Map() })),
    );
    tree.put({ type: 'file', path: STATUS, mode: 0o644, content: mergeStatus(status, controls, dropped) });
    tree.put({ type: 'file', path: MEDIUM, mode: 0o644, content: tree.text(MEDIUM).replace('=netboot', '=cdrom') });
    if (english) tree.change(/^var\/lib\/dpkg\/info\/.*\.templates$/, inEnglish);
    await requireLibraries(tree);
    const kernel = tree.take(/^boot\/vmlinuz/);
    if (kernel === undefined) throw new Incomplete('a CD', [{ name: 'kernel-image', why: 'its udeb has no kernel' }]);
    await writeFile(join(to, 'vmlinuz'), await contentOf(kernel));
    await addModuleIndexes(tree, kernelRelease, join(to, 'modules'));
    await writeFile(join(to, 'initrd.gz'), await bytesOf(gzip(cpioArchive(withParents(tree.entries())))));
    await writeFile(
      join(to, 'installed.json'),
      JSON.stringify([...installed, ...added.map(({ name }) => name)].sort()),
    );
  });
  const installed: string[] = JSON.parse(await readFile(join(folder, 'installed.json'), 'utf8'));
  return { kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'initrd.gz'), installed };
};

const STATUS = 'var/lib/dpkg/status';
const MEDIUM = 'etc/lsb-release';

/** By name. What the pool cannot have stays. */
const droppedUdebs = (status: string, { netboot, udebs }: UdebSet): string[] =>
  installedNames(status).filter(
    (name) =>
      name.includes(`-${netboot.kernelRelease}`) ||
      NEVER_ON_CD.includes(name) ||
      (NETBOOT_ONLY.includes(name) && udebs.has(name)),
  );

const needs = (stanza: Stanza): string[] => parseRelations(stanza.get('depends')).flat();

const removeFiles = async ({ cache, context }: Workshop, tree: InitrdTree, name: string, udeb: Udeb | undefined) => {
  for (const suffix of INFO_SUFFIXES) tree.remove(`var/lib/dpkg/info/${name}.${suffix}`);
  if (udeb === undefined) return;
  for (const { path } of await filesOf(await unpacked({ cache, signal: context.signal }, udeb))) tree.remove(path);
};

/** The kernel's core modules, those that debian-cd expects here, what reads the medium, and what these depend on. */
const addedUdebs = ({ set, kernelRelease, debianCd }: Wish, installed: ReadonlySet<string>): Udeb[] => {
  const modules = [...set.udebs.values()].filter(
    (udeb) => kernelOf(udeb) === kernelRelease && debianCd.leavesOut(udeb.name),
  );
  const lacking = CD_ONLY.filter((name) => !set.udebs.has(name));
  if (lacking.length > 0)
    throw new Incomplete(
      'a CD',
      lacking.map((name) => ({ name, why: 'neither on the mirror nor repacked' })),
    );
  const wanted = new Set([...modules.map(({ name }) => name), ...CD_ONLY, ...CD_EXTRA]);
  for (const name of wanted) {
    const udeb = set.udebs.get(name);
    if (udeb === undefined) continue;
    for (const needed of needs(udeb.fields)) if (!installed.has(needed) && set.udebs.has(needed)) wanted.add(needed);
  }
  return [...wanted].sort().flatMap((name) => set.udebs.get(name) ?? []);
};

const addFiles = async ({ cache, context }: Workshop, tree: InitrdTree, udeb: Udeb): Promise<void> => {
  const root = await unpacked({ cache, signal: context.signal }, udeb);
  for (const entry of await treeEntries(root)) {
    if (entry.path === 'DEBIAN') continue;
    const [, suffix] = /^DEBIAN\/(.*)$/.exec(entry.path) ?? [];
    if (suffix === undefined) tree.put(entry);
    else if (INFO_SUFFIXES.includes(suffix))
      tree.put(await asText({ ...entry, path: `var/lib/dpkg/info/${udeb.name}.${suffix}` }));
  }
};

/** Templates may be changed later. */
const asText = async (entry: Entry): Promise<Entry> =>
  entry.type === 'file' ? { ...entry, content: Buffer.from(await contentOf(entry)) } : entry;

const controlFor = async ({ cache, context }: Workshop, udeb: Udeb): Promise<string> => {
  return await controlOf(await unpacked({ cache, signal: context.signal }, udeb));
};

/** depmod's indexes, as the kernel's tools in the installer read them. */
const addModuleIndexes = async (tree: InitrdTree, kernelRelease: string, work: string): Promise<void> => {
  const root = tree.resolve(`lib/modules/${kernelRelease}`);
  const place = join(work, 'lib/modules', kernelRelease);
  await mkdir(place, { recursive: true });
  for (const entry of tree.entries()) {
    if (entry.type !== 'file' || !entry.path.startsWith(`${root}/`)) continue;
    const to = join(place, entry.path.slice(root.length + 1));
    await mkdir(dirname(to), { recursive: true });
    if (typeof entry.content === 'object' && 'file' in entry.content) await copyFile(entry.content.file, to);
    else await writeFile(to, entry.content);
  }
  await run('depmod', ['--basedir', work, kernelRelease], { hint: 'Install kmod.' });
  for (const name of await readdir(place))
    if (/^modules\.(.*\.bin|devname|softdep|weakdep)$/.test(name))
      tree.put({ type: 'file', path: join(root, name), mode: 0o644, content: await readFile(join(place, name)) });
  await rm(work, { recursive: true });
};
