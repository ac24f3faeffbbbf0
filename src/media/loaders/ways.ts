/**
 * Every way to boot of a medium, each by its own loader: El Torito images, the code in the MBR, EFI partitions. What a
 * loader reads decides whether an entry is ever seen: it is not enough that there is such a menu somewhere.
 */
import { type BootPath, imageBoots, partitionBoots, systemAreaBoots } from '../boot/boot-paths.ts';
import { BLOCK_SIZE, openMedium, readAt } from '../iso/iso9660.ts';
import { type Medium, mediumSizeOf, readMediumFile } from '../iso/medium.ts';
import type { BootImage, Extent } from '../iso/xorriso-report.ts';
import type { FoundMenus } from '../menus/found-menus.ts';
import { biosLoader } from './bios-loader.ts';
import { grubWay } from './grub-way.ts';
import { followIsolinux } from './isolinux-way.ts';
import { uefiWays } from './uefi-way.ts';
import type { Way } from './way.ts';

export const waysOf = async (medium: Medium, found: FoundMenus, signal?: AbortSignal): Promise<Way[]> => {
  const { boot } = medium;
  const ways: Way[] = [];
  for (const image of boot.elTorito) {
    const path = imageBoots(image);
    if (path === 'bios-cd') {
      const way = await biosWay(medium, found, { path, ...(await imageDoor(medium, image)) }, signal);
      // A BIOS starts the first one; the others are there for whoever asks for them.
      ways.push({ ...way, isOther: ways.some((other) => other.path === path) });
    }
    if (path === 'uefi-cd')
      ways.push(...(await uefiWays(medium, found, { path, lba: image.lba, door: named(image) }, signal)));
  }
  const path = systemAreaBoots(boot);
  if (path !== undefined) ways.push(await biosWay(medium, found, { path, ...(await mbrDoor(medium)) }, signal));
  const seen = new Set<number>();
  for (const partition of [...boot.gpt, ...boot.mbr]) {
    const usb = partitionBoots(partition);
    const lba = partition.start / SECTORS;
    if (usb === undefined || seen.has(lba)) continue;
    seen.add(lba);
    const isThere = found.images.some((image) => image.lba === lba);
    // A data partition without these files may be anything; firmware goes on.
    if (!isThere && boot.elTorito.some(({ platform }) => platform === 'UEFI')) continue;
    ways.push(...(await uefiWays(medium, found, { path: usb, lba, door: `partition ${partition.number}` }, signal)));
  }
  return ways;
};

const SECTORS = 4;

interface BiosDoor {
  readonly path: BootPath;
  readonly door: string;
  /** Undefined where it cannot be examined; `door` says what it is. */
  readonly bytes: Buffer | undefined;
}

const named = ({ path, lba }: BootImage): string => `the boot image ${path ?? `at block ${lba}`}`;

/** Loaders have some tens of kilobytes; an image that is not a file does not state its length. */
const LARGEST = 4 * 2 ** 20;
const GUESSED = 256 * 1024;

const imageDoor = async (medium: Medium, image: BootImage): Promise<Omit<BiosDoor, 'path'>> => {
  if (image.emulation !== 'none') return { door: `${named(image)}, a disk in a file`, bytes: undefined };
  return { door: named(image), bytes: await imageBytes(medium, image.lba, image.path) };
};

const imageBytes = async (medium: Medium, lba: number, path: string | undefined): Promise<Buffer> => {
  const extents = path === undefined ? undefined : medium.files.get(path);
  if (path !== undefined && extents !== undefined && mediumSizeOf(extents) <= LARGEST)
    return readMediumFile(medium, path);
  await using file = await openMedium(medium.iso);
  return await readAt(file, lba * BLOCK_SIZE, GUESSED);
};

/** Where isohybrid's code and GRUB's have the sector with which they go on (isohdpfx.S; grub-core/boot/i386/pc/boot.S). */
const NEXT = 432;

const mbrDoor = async (medium: Medium): Promise<Omit<BiosDoor, 'path'>> => {
  await using file = await openMedium(medium.iso);
  const lba = Math.floor(Number((await readAt(file, NEXT, 8)).readBigUInt64LE(0)) / SECTORS);
  // GRUB's goes on after the first block of its image.
  const path = [...medium.files].find(([, [first]]) => first !== undefined && holds(first, lba))?.[0];
  return { door: `the MBR with ${path ?? `what lies at block ${lba}`}`, bytes: await imageBytes(medium, lba, path) };
};

const holds = ({ lba, size }: Extent, block: number): boolean =>
  block >= lba && block < lba + Math.ceil(size / BLOCK_SIZE);

const biosWay = async (
  medium: Medium,
  found: FoundMenus,
  { path, door, bytes }: BiosDoor,
  signal: AbortSignal | undefined,
): Promise<Way> => {
  const way = { path, door, menus: [], isOther: false };
  if (bytes === undefined) return { ...way, loader: 'a loader in an emulated disk', problems: [NOT_FOLLOWED] };
  const loader = biosLoader(bytes);
  if (loader.kind === 'other') return { ...way, loader: loader.name, problems: [NOT_FOLLOWED] };
  if (loader.kind === 'grub') {
    const { core } = loader;
    if (core === undefined) return { ...way, loader: 'GRUB', problems: ['its core cannot be unpacked'] };
    return { ...way, loader: 'GRUB', ...(await grubWay(medium, found, { core, platform: 'pc' }, signal)) };
  }
  const first = found.isolinuxFirst;
  if (first === undefined) return { ...way, loader: 'ISOLINUX', problems: ['it finds no configuration'] };
  const { menus, problems } = followIsolinux(found.files, first);
  return { ...way, loader: 'ISOLINUX', menus: menus.map((root) => ({ kind: 'isolinux', root })), problems };
};

export const NOT_FOLLOWED = 'it is not followed to its menu';
