/**
 * Drivers of network cards for the initrd of a Debian CD: it has none, since they come from the CD when the answers were
 * read long before, and a host that is known by its cards could not be found. They are taken from the CD's own components,
 * for the kernel of the initrd.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IngotError } from '../../../errors.ts';
import type { Content, CpioEntry } from '../../../formats/archives/cpio.ts';
import { readCpio } from '../../../formats/archives/cpio-reader.ts';
import { parseStanza } from '../../../formats/packages/deb822.ts';
import { temporaryFolder } from '../../../host/files.ts';
import { installerInitrd } from '../../../media/initrd/installer-paths.ts';
import { type Medium, mediumFilePieces, readMedium, readMediumFile } from '../../../media/iso/medium.ts';
import { readBootMenus } from '../../../media/menus/boot-menus.ts';
import { udebComponent, unpackAll } from './component-files.ts';
import { isModuleInput, moduleIndexes, placeModule } from './kernel-modules.ts';

/** A module, as a file of an initrd. */
interface ModuleFile {
  readonly type: 'file';
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array | string;
}

interface Options {
  /** Where everything is unpacked for a while. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** An initrd with one of these was made to know cards; a part of another driver may be in any initrd. */
const USUAL_CARDS = /\/kernel\/drivers\/net\/(?:.*\/)?(?:virtio_net|e1000e|igb|r8169|tg3)\.ko(?:\.[a-z]+)?$/;

/** Components with drivers, as the kernel's source calls them. */
const WANTED = ['nic-modules', 'nic-usb-modules'];

/**
 * What is added to the initrd; nothing when it knows cards. Throws `media.no-network-drivers` when the
 * medium has no component with drivers for its kernel.
 */
export const cardDrivers = async (iso: string, { folder, signal }: Options): Promise<CpioEntry[]> => {
  const medium = await readMedium(iso, signal);
  const initrd = installerInitrd(medium, await readBootMenus(medium, signal));
  if (initrd === undefined) return [];
  await using work = await temporaryFolder('.drivers-', folder);
  const modules = join(work.path, 'modules');
  const there = new Set<string>();
  let release: string | undefined;
  for await (const entry of readCpio(mediumFilePieces(medium, initrd, signal), isModules)) {
    there.add(plain(entry.path));
    release ??= RELEASE.exec(entry.path)?.[1];
    if (
      entry.type === 'file' &&
      entry.content !== undefined &&
      release !== undefined &&
      isModuleInput(entry.path, release)
    )
      await placeModule(modules, { path: entry.path, content: entry.content });
  }
  if ([...there].some((path) => USUAL_CARDS.test(path))) return [];
  const udebs = release === undefined ? new Map<string, string>() : udebsFor(medium, release);
  if (release === undefined || !udebs.has('nic-modules')) throw noDrivers(iso, release);
  const added = await modulesOf(medium, udebs, { folder: join(work.path, 'udebs'), release, signal });
  const wanted = added.filter(({ path }) => !there.has(plain(path)));
  for (const entry of wanted) await placeModule(modules, entry);
  return [...wanted, ...(await moduleIndexes(modules, release, signal))];
};

const RELEASE = /^(?:usr\/)?lib\/modules\/([^/]+)\//;
const isModules = (path: string): boolean => RELEASE.test(path);

/** /lib may be a link to /usr/lib. */
const plain = (path: string): string => path.replace(/^usr\/(?=lib\/)/, '');

const noDrivers = (iso: string, release: string | undefined): IngotError =>
  new IngotError(
    'media.no-network-drivers',
    'the hosts are known by their network cards, but this installer has no driver for one at the time when it looks',
    {
      where: iso,
      detail: release === undefined ? undefined : `The medium has no nic-modules-${release}-di either.`,
      hint: 'Let `match` name their serial number or UUID, or take a medium of packages (`origin.assemble`).',
    },
  );

/** Paths on the medium of the components for this kernel, by their names without it. */
const udebsFor = ({ files }: Medium, release: string): Map<string, string> => {
  const ending = `-${release}-di`;
  return new Map(
    [...files.keys()].flatMap((path) => {
      const [, name = ''] = /^([^_]+)_[^_]*_[a-z0-9]+\.udeb$/.exec(basename(path)) ?? [];
      return name.endsWith(ending) ? [[name.slice(0, -ending.length), path] as const] : [];
    }),
  );
};

/** The files below /lib/modules of the wanted components, and of those that they depend on and the medium has. */
const modulesOf = async (
  medium: Medium,
  udebs: ReadonlyMap<string, string>,
  { folder, release, signal }: Options & { readonly release: string },
): Promise<ModuleFile[]> => {
  const taken = new Set<string>();
  const found: ModuleFile[] = [];
  for (let next = WANTED.filter((name) => udebs.has(name)); next.length > 0; ) {
    for (const name of next) taken.add(name);
    const files = await Promise.all(next.map((name) => copyOut(medium, udebs.get(name) ?? '', folder)));
    await unpackAll(files, join(folder, 'unpacked'), signal);
    const components = await Promise.all(files.map((file) => udebComponent(file, join(folder, 'unpacked'))));
    for (const entry of components.flatMap((one) => one.files))
      if (entry.type === 'file' && isModuleInput(entry.path, release))
        found.push({ ...entry, content: await contentOf(entry.content) });
    const needed = components.flatMap(({ component }) => dependencies(component.control, release));
    next = [...new Set(needed)].filter((name) => udebs.has(name) && !taken.has(name));
  }
  return found;
};

/** The folder of the unpacked files goes. */
const contentOf = async (content: Content): Promise<Uint8Array | string> =>
  typeof content === 'object' && 'file' in content ? readFile(content.file) : content;

const copyOut = async (medium: Medium, path: string, folder: string): Promise<string> => {
  const to = `${folder}-${basename(path)}`;
  await writeFile(to, await readMediumFile(medium, path));
  return to;
};

/** Names without the kernel's release: `nic-shared-modules`. */
const dependencies = (control: string, release: string): string[] => {
  const ending = `-${release}-di`;
  return (parseStanza(control).get('depends') ?? '').split(/[,|]/).flatMap((one) => {
    const name = one.trim().replace(/[ :(].*/s, '');
    return name.endsWith(ending) ? [name.slice(0, -ending.length)] : [];
  });
};
