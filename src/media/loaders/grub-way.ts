/** GRUB from its core to the menus among those that were found on a medium. */

import { fatVolume } from '../boot/fat-volume.ts';
import { BLOCK_SIZE } from '../iso/iso9660.ts';
import type { Medium } from '../iso/medium.ts';
import { installerEntry } from '../menus/entry.ts';
import type { EfiMenus, FoundMenus } from '../menus/found-menus.ts';
import { grubEntries } from '../menus/grub.ts';
import type { GrubCore } from './grub-core.ts';
import { memoryDisk } from './grub-memdisk.ts';
import { type GrubFile, type GrubMenu, runGrub } from './grub-run.ts';
import { type GrubDevice, lookUp } from './grub-world.ts';
import type { MenuFile, MenuRef, Way } from './way.ts';

interface Start {
  readonly core: GrubCore;
  readonly platform: 'pc' | 'efi';
  readonly cpu?: string;
  /** The EFI partition from which it was started; a CD is one device, whatever image of it was started. */
  readonly image?: number | undefined;
  /** Where the program lies. */
  readonly folder?: string;
}

/** The devices' names: they stand for what the firmware calls them. */
const ISO = 'medium';
const MEMORY = 'memdisk';
const nameOf = (lba: number | undefined): string => (lba === undefined ? ISO : `image${lba}`);

export const grubWay = async (
  medium: Medium,
  found: FoundMenus,
  { core, platform, cpu = 'i386', image, folder = '' }: Start,
  signal: AbortSignal | undefined,
): Promise<Pick<Way, 'menus' | 'problems'>> => {
  const memory = core.memdisk === undefined ? undefined : await memoryDisk(MEMORY, core.memdisk, signal);
  const devices = [
    mediumDevice(medium, found),
    ...(await Promise.all(found.images.map((one) => imageDevice(medium, one)))),
    ...(memory === undefined ? [] : [memory]),
  ];
  const root = nameOf(image);
  const { prefix, config } = core;
  // What it reads there decides where it goes.
  if (memory === undefined && /\(memdisk\)/.test(`${prefix} ${config}`))
    return { menus: [], problems: ['its disk in memory is of a kind that is not read, or xz is not installed'] };
  const run = runGrub({ devices, root, disk: ISO, prefix, config, cmdpath: `(${root})${folder}`, platform, cpu });
  const refs = run.menus.map((menu) => refOf(menu, found.images));
  return {
    menus: unique(refs.flatMap((ref) => (typeof ref === 'string' ? [] : [ref]))),
    problems: [...run.problems, ...refs.flatMap((ref) => (typeof ref === 'string' ? [ref] : []))],
  };
};

const unique = (refs: readonly MenuRef[]): MenuRef[] => [
  ...new Map(refs.map((ref) => [JSON.stringify(ref), ref])).values(),
];

/** Where the menu's unattended entry and its start have to be written; or why they cannot be, in words. */
const refOf = ({ files, root: device }: GrubMenu, images: readonly EfiMenus[]): MenuRef | string => {
  const holder = files.find((file) => installer(file) !== undefined);
  const shown = files[0]?.path ?? '';
  if (holder === undefined) return `${shown} starts no installer's kernel with an initrd`;
  if (holder.device.name === MEMORY) return `its menu is built into it (${holder.path})`;
  let root = holder;
  for (let by = holder.by; by !== undefined; by = by.by) if (by.device.name !== MEMORY) root = by;
  const kernel = installer(holder)?.kernel ?? '';
  const kernelIn = images.find(
    (image) => nameOf(image.lba) === device && lookUp(deviceOf(image), kernel) !== undefined,
  );
  return { kind: 'grub', root: menuFile(root, images), holder: menuFile(holder, images), kernelIn: kernelIn?.lba };
};

const installer = ({ device, path }: GrubFile) => installerEntry(grubEntries(device.texts.get(path) ?? ''));

const menuFile = ({ device, path }: GrubFile, images: readonly EfiMenus[]): MenuFile => ({
  image: images.find(({ lba }) => nameOf(lba) === device.name)?.lba,
  path,
});

const mediumDevice = (medium: Medium, { files }: FoundMenus): GrubDevice => {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(medium.volume.stamp ?? '') ?? [];
  return {
    name: ISO,
    paths: [...medium.files.keys(), ...medium.others.keys()],
    ignoresCase: false,
    texts: files,
    label: medium.volume.volumeId,
    uuid: parts.length > 0 ? parts.join('-') : undefined,
    aliases: /^(cd\d*|hd0)(,(msdos|gpt|apple)?1)?$/,
  };
};

const NOTHING = /^$/;

const deviceOf = ({ lba, all, files }: EfiMenus): GrubDevice => ({
  name: nameOf(lba),
  paths: all,
  ignoresCase: true,
  texts: files,
  aliases: NOTHING,
});

/** As a partition of what was started: a disk, or a CD that has a table too. */
const aliasesOf = ({ boot }: Medium, { lba }: EfiMenus): RegExp => {
  const sector = lba * (BLOCK_SIZE / 512);
  const names = [
    ...boot.gpt.flatMap(({ start, number }) => (start === sector ? [`(gpt)?${number}`] : [])),
    ...boot.mbr.flatMap(({ start, number }) => (start === sector ? [`(msdos)?${number}`] : [])),
  ];
  return names.length === 0 ? NOTHING : new RegExp(`^(cd\\d*|hd0),(${names.join('|')})$`);
};

const imageDevice = async (medium: Medium, image: EfiMenus): Promise<GrubDevice> => {
  const volume = await fatVolume({ path: medium.iso, offset: image.lba * BLOCK_SIZE });
  if (volume === undefined) return deviceOf(image);
  const { label, serial } = volume;
  const aliases = aliasesOf(medium, image);
  return { ...deviceOf(image), label, aliases, uuid: `${serial.slice(0, 4)}-${serial.slice(4)}` };
};
