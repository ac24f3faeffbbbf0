/**
 * Udebs of Debian 13 for Debian 12, whose own are gone from the mirror: scripts fit, and a program fits when the
 * libraries of Debian 12 define all that it is linked against.
 */
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fetchPackages } from '../../src/distributions/debian/archive/fetch-packages.ts';
import type { PackageEntry } from '../../src/distributions/debian/archive/package-index.ts';
import { linkageOf } from './elf.ts';
import type { Missing } from './incomplete.ts';
import { contentOf, type InitrdTree, readTree } from './initrd-tree.ts';
import { made } from './made.ts';
import { describeUdeb, ownUdeb, packUdeb, type Udeb } from './udeb.ts';
import { readUdebIndex } from './udeb-index.ts';
import { controlOf, filesOf, unpacked } from './unpack.ts';
import { type Options, openWorkshop, type Workshop } from './workshop.ts';

export interface Borrowed {
  readonly udebs: readonly Udeb[];
  readonly failed: readonly Missing[];
}

/** `there` are the udebs of Debian 12 that can be had, for what they define. */
export const borrowUdebs = async (
  workshop: Workshop,
  options: Options,
  wanted: readonly PackageEntry[],
  { initrd, there }: { readonly initrd: string; readonly there: readonly Udeb[] },
): Promise<Borrowed> => {
  const found = await udebsOfNext(options, new Set(wanted.map(({ name }) => name)));
  const tree = await readTree(initrd);
  const offers = await offersOf(workshop, tree, there);
  const udebs: Udeb[] = [];
  const failed: Missing[] = [];
  for (const udeb of found) {
    const root = await unpacked({ cache: workshop.cache, signal: workshop.context.signal }, udeb);
    const lacking = await lackingFor(root, offers);
    const [version, name] = [udeb.fields.get('version'), udeb.name];
    if (lacking !== undefined)
      failed.push({ name, why: `not on the mirror, and Debian 13's ${version} needs ${lacking}` });
    else udebs.push(await inOldPlaces(workshop, udeb, root, tree));
  }
  return { udebs, failed };
};

const udebsOfNext = async (options: Options, names: ReadonlySet<string>): Promise<Udeb[]> => {
  await using next = await openWorkshop('13', options);
  const { packages } = await readUdebIndex(next);
  const entries = [...names].flatMap((name) => packages.find(name).slice(-1));
  const context = { ...next.context, tolerateMissing: true };
  const { missing } = await fetchPackages(entries, next.blobs, () => next.mirrors.urls.mirror, context);
  const came = entries.filter((entry) => !missing.includes(entry));
  return came.map((entry) => ({ ...ownUdeb(entry, next.blobs.path(entry)), from: `Debian 13's ${entry.version}` }));
};

interface Offers {
  readonly libraries: Set<string>;
  /** `libc.so.6:GLIBC_2.34` */
  readonly versions: Set<string>;
  readonly symbols: Set<string>;
}

const offersOf = async ({ cache, context }: Workshop, tree: InitrdTree, udebs: readonly Udeb[]): Promise<Offers> => {
  const offers: Offers = { libraries: new Set(), versions: new Set(), symbols: new Set() };
  for (const entry of tree.entries()) {
    if (entry.type === 'symlink') offers.libraries.add(nameOf(entry.path));
    if (entry.type !== 'file' || entry.path.includes('lib/modules/')) continue;
    addOffers(offers, entry.path, Buffer.from(await contentOf(entry)));
  }
  for (const udeb of udebs) {
    const root = await unpacked({ cache, signal: context.signal }, udeb);
    for (const { path, isLink } of await filesOf(root)) {
      if (isLink) offers.libraries.add(nameOf(path));
      else addOffers(offers, path, await readFile(join(root, path)));
    }
  }
  return offers;
};

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const addOffers = ({ libraries, versions, symbols }: Offers, path: string, file: Buffer): void => {
  const linkage = linkageOf(file);
  if (linkage === undefined) return;
  libraries.add(nameOf(path));
  // The first version is the library's own name.
  const [name = nameOf(path)] = linkage.offeredVersions;
  for (const version of linkage.offeredVersions) versions.add(`${name}:${version}`);
  for (const symbol of linkage.definedSymbols) symbols.add(symbol);
};

/** What the udeb's programs need and Debian 12 does not have; undefined when they fit. */
const lackingFor = async (root: string, offers: Offers): Promise<string | undefined> => {
  const items = (await filesOf(root)).filter(({ isLink }) => !isLink);
  const files = await Promise.all(items.map(async ({ path }) => ({ path, bytes: await readFile(join(root, path)) })));
  const own: Offers = { libraries: new Set(), versions: new Set(), symbols: new Set() };
  for (const { path, bytes } of files) addOffers(own, path, bytes);
  for (const { path } of await filesOf(root)) own.libraries.add(nameOf(path));
  const isOffered = (kind: keyof Offers) => (name: string) => offers[kind].has(name) || own[kind].has(name);
  for (const { bytes } of files) {
    const linkage = linkageOf(bytes);
    if (linkage === undefined) continue;
    const library = linkage.libraries.find((name) => !isOffered('libraries')(name));
    const version = linkage.versions.find((name) => !isOffered('versions')(name));
    const symbol = linkage.undefinedSymbols.find((name) => !isOffered('symbols')(name));
    const lacking = library ?? version ?? symbol;
    if (lacking !== undefined) return lacking;
  }
  return undefined;
};

/** Debian 13 has moved folders from /lib to /usr/lib, where the programs of Debian 12 do not look. */
const inOldPlaces = async (workshop: Workshop, udeb: Udeb, root: string, tree: InitrdTree): Promise<Udeb> => {
  const paths = new Set(tree.entries().map(({ path }) => path));
  const names = new Set((await filesOf(root)).flatMap(({ path }) => /^usr\/(lib\/[^/]+)\//.exec(path)?.[1] ?? []));
  const moved = [...names].filter((name) => paths.has(name) && !paths.has(`usr/${name}`));
  if (moved.length === 0) return udeb;
  const name = nameOf(udeb.filename);
  const folder = await made(workshop.cache, 'in-old-places', [udeb.sha256, moved], async (to) => {
    const copy = join(to, 'tree');
    await cp(root, copy, { recursive: true, verbatimSymlinks: true });
    for (const one of moved) {
      await mkdir(dirname(join(copy, one)), { recursive: true });
      await cp(join(copy, 'usr', one), join(copy, one), { recursive: true, verbatimSymlinks: true });
      await rm(join(copy, 'usr', one), { recursive: true });
    }
    await packUdeb(copy, join(to, name), 'quick');
    await rm(copy, { recursive: true });
  });
  const from = `${udeb.from}, with ${moved.map((one) => `usr/${one}`).join(', ')} at ${moved.join(', ')}`;
  return await describeUdeb(join(folder, name), await controlOf(root), udeb.filename, from);
};
