/** Changes every boot menu of a medium: ISOLINUX, GRUB on the medium, GRUB inside the EFI image where it has one. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { type FatImage, putFatFile } from '../boot/efi-image.ts';
import { type Medium, readMediumFile } from '../iso/medium.ts';
import type { MediumFile } from '../staging.ts';
import { splitArguments } from './arguments.ts';
import { type BootMenus, menuEntries } from './boot-menus.ts';
import { encodeMenu } from './encoding.ts';
import { ENTRY_ID, installerEntry } from './entry.ts';
import { isOldAnswer } from './old-answers.ts';
import { differingMenus } from './relabel.ts';
import { isLoopback, unattendGrub } from './unattend-grub.ts';
import { unattendSyslinux } from './unattend-syslinux.ts';
import type { MenuFiles, Unattended } from './unattended.ts';

export interface UnattendedMenus {
  readonly files: readonly MediumFile[];
  /** Files of an EFI image that is no file of the medium: they are changed where it lies, once it is written. */
  readonly inPartition: MenuFiles;
  readonly commandLines: ReadonlyMap<string, string>;
  /** Words of the models that would have answered beside the recipe, and are left out. */
  readonly leftOut: readonly string[];
}

interface Work {
  /** For what mtools needs as files. */
  readonly folder: string;
  readonly epoch: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * `menus` are the medium's, or what a new volume id made of them; `original` those that lie there. Throws
 * `media.no-installer` when a way to boot that the medium has would not reach the unattended entry.
 */
export const unattendMenus = async (
  medium: Medium,
  { original, menus }: { readonly original: BootMenus; readonly menus: BootMenus },
  spec: Unattended,
  work: Work,
): Promise<UnattendedMenus> => {
  const main = menus.isolinux;
  const hasModule = (name: string): boolean => medium.files.has(join(dirname(main ?? '/'), name));
  const isolinux = main === undefined ? new Map() : unattendSyslinux(menus.files, main, spec, hasModule);
  const grub = unattendGrub(menus.files, spec);
  const grubInImage = unattendGrub(menus.efi?.files ?? new Map(), spec);
  // No firmware comes to a menu that another GRUB reads.
  const own = [...grub.keys()].filter((path) => !isLoopback(path)).length;
  requireReached(medium, { BIOS: isolinux.size + own > 0, UEFI: own + grubInImage.size > 0 });
  const changed = new Map<string, string>([...differingMenus(original.files, menus.files), ...isolinux, ...grub]);
  const relabelled = differingMenus(original.efi?.files ?? new Map(), menus.efi?.files ?? new Map());
  const efi = new Map<string, string>([...relabelled, ...grubInImage]);

  const files: MediumFile[] = [...changed].map(([path, text]) => ({ path, content: encodeMenu(text) }));
  const image = menus.efi?.path;
  if (image !== undefined && efi.size > 0)
    files.push({ path: image, from: await changedImage(medium, image, efi, work) });
  const inPartition = image === undefined ? efi : new Map<string, string>();
  return { files, inPartition, commandLines: commandLinesOf(menus, changed, efi), leftOut: leftOutOf(menus) };
};

const leftOutOf = (menus: BootMenus): string[] => {
  const models = [...menuEntries(menus).values()].map((entries) => installerEntry(entries));
  const words = models.flatMap((model) => splitArguments(model?.arguments ?? []).installer);
  return [...new Set(words.filter(isOldAnswer))];
};

const requireReached = (medium: Medium, reached: Readonly<Record<string, boolean>>): void => {
  for (const { platform, bootable } of medium.boot.elTorito) {
    if (!bootable || reached[platform] !== false) continue;
    throw new IngotError('media.no-installer', `no menu for ${platform} starts an installer's kernel with an initrd`, {
      where: medium.iso,
      hint: 'Is it the ISO of an installer? A live system has a menu too.',
    });
  }
};

const changedImage = async (medium: Medium, path: string, files: MenuFiles, work: Work): Promise<string> => {
  const image = join(work.folder, 'efi.img');
  await writeFile(image, await readMediumFile(medium, path));
  await changeImage({ path: image }, files, work);
  return image;
};

export const changeImage = async (image: FatImage, files: MenuFiles, work: Work): Promise<void> => {
  for (const [file, text] of files) {
    const from = join(work.folder, 'efi.cfg');
    await writeFile(from, encodeMenu(text));
    await putFatFile(image, file, from, work.epoch, { signal: work.signal });
  }
};

const commandLinesOf = (menus: BootMenus, changed: MenuFiles, efi: MenuFiles): Map<string, string> => {
  const after: BootMenus = {
    ...menus,
    files: new Map([...menus.files, ...changed]),
    efi: menus.efi && { ...menus.efi, files: new Map([...menus.efi.files, ...efi]) },
  };
  return new Map(
    [...menuEntries(after)].flatMap(([file, entries]) => {
      const ours = entries.find(({ id }) => id === ENTRY_ID);
      return ours === undefined ? [] : [[file, ours.arguments.join(' ')] as const];
    }),
  );
};
