/**
 * Changes the boot menus of a medium: ISOLINUX's, GRUB's on the medium and inside EFI images, systemd-boot's; and says
 * which firmware reaches the entry, by following its own loader.
 */
import { dirname, join } from 'node:path';
import { IngotError } from '../../errors.ts';
import type { FatChanges } from '../boot/fat-change.ts';
import type { Medium } from '../iso/medium.ts';
import type { MenuRef } from '../loaders/way.ts';
import type { MediumFile } from '../staging.ts';
import { type BootMenus, inEfiImage, menuEntries } from './boot-menus.ts';
import { encodeMenu } from './encoding.ts';
import { ENTRY_ID, installerEntry } from './entry.ts';
import type { EfiMenus } from './found-menus.ts';
import { splitArguments } from './menu-arguments.ts';
import { isOldAnswer } from './old-answers.ts';
import { differingMenus } from './relabel.ts';
import { unattendSystemdBoot } from './systemd-boot.ts';
import { type GrubMenuFiles, grubMenus, unattendGrub } from './unattend-grub.ts';
import { syslinuxMenu, unattendSyslinux } from './unattend-syslinux.ts';
import type { MenuFiles, Unattended } from './unattended.ts';

export interface UnattendedMenus {
  /** The menus as they are afterwards. */
  readonly menus: BootMenus;
  /** Changed files of the medium. */
  readonly files: readonly MediumFile[];
  /** Changed and new files of EFI images. */
  readonly images: readonly ChangedImage[];
  readonly commandLines: ReadonlyMap<string, string>;
  /** Words of the models that would have answered in addition to the recipe, and are left out. */
  readonly leftOut: readonly string[];
}

export interface ChangedImage {
  readonly image: EfiMenus;
  readonly changes: FatChanges;
}

/**
 * `menus` are the medium's, perhaps with a new volume id; `original` those that lie there. `answers` go into the
 * EFI images whose loader has its kernel there. Throws `media.no-installer` where there is nothing to be made unattended.
 */
export const unattendMenus = (
  medium: Medium,
  { original, menus }: { readonly original: BootMenus; readonly menus: BootMenus },
  spec: Unattended,
  answers: Uint8Array,
): UnattendedMenus => {
  const before = allFiles(menus);
  const changed = new Map<string, string>([
    ...unattendIsolinux(medium, menus, spec),
    ...unattendGrub(before, spec, allGrubMenus(menus)),
  ]);
  const withKernel = new Set(menus.ways.flatMap((way) => way.menus.flatMap(kernelImage)));
  const images = menus.images.map((image, index) => {
    const files = new Map<string, string>([
      ...within(image, changed),
      ...(withKernel.has(image.lba) ? unattendSystemdBoot(image.files, spec) : []),
    ]);
    const own = files.size > 0 && withKernel.has(image.lba) ? spec.initrds.map((path) => [path, answers] as const) : [];
    const relabelled = differingMenus(original.images[index]?.files ?? new Map(), image.files);
    const texts = [...new Map([...relabelled, ...files])].map(([path, text]) => [path, encodeMenu(text)] as const);
    return { image, files, changes: new Map<string, Uint8Array>([...texts, ...own]) };
  });
  const onMedium = new Map([...changed].filter(([path]) => menus.files.has(path)));
  const after: BootMenus = {
    ...menus,
    files: new Map([...menus.files, ...onMedium]),
    images: images.map(({ image, files }) => ({ ...image, files: new Map([...image.files, ...files]) })),
  };
  const commandLines = commandLinesOf(after);
  if (commandLines.size === 0) throw noInstaller(medium);
  const files = new Map([...differingMenus(original.files, menus.files), ...onMedium]);
  return {
    menus: after,
    files: [...files].map(([path, text]) => ({ path, content: encodeMenu(text) })),
    images: images.filter(({ changes }) => changes.size > 0),
    commandLines,
    leftOut: leftOutOf(menus),
  };
};

/** systemd-boot has kernels and initrds on its own file system; GRUB may have. */
const kernelImage = (ref: MenuRef): number[] => {
  if (ref.kind === 'systemd-boot') return [ref.image];
  return ref.kind === 'grub' && ref.kernelIn !== undefined ? [ref.kernelIn] : [];
};

/** The medium's files by their path, those of images as `image:/path`. */
const allFiles = ({ files, images }: BootMenus): MenuFiles =>
  new Map([
    ...files,
    ...images.flatMap((image) => [...image.files].map(([path, text]) => [inEfiImage(image, path), text] as const)),
  ]);

const within = (image: EfiMenus, changed: MenuFiles): [string, string][] =>
  [...image.files.keys()].flatMap((path) => {
    const text = changed.get(inEfiImage(image, path));
    return text === undefined ? [] : [[path, text] as [string, string]];
  });

/** Those by name, and those to which a loader was followed. */
const allGrubMenus = ({ files, images, ways }: BootMenus): GrubMenuFiles[] => {
  const named = (image: number | undefined, path: string): string => {
    const holder = images.find(({ lba }) => lba === image);
    return holder === undefined ? path : inEfiImage(holder, path);
  };
  const followed = ways.flatMap((way) =>
    way.menus.flatMap((ref) =>
      ref.kind === 'grub'
        ? [{ root: named(ref.root.image, ref.root.path), holder: named(ref.holder.image, ref.holder.path) }]
        : [],
    ),
  );
  return [
    ...grubMenus(files),
    ...images.flatMap((image) =>
      grubMenus(image.files).map(({ root, holder }) => ({
        root: inEfiImage(image, root),
        holder: inEfiImage(image, holder),
      })),
    ),
    ...followed,
  ];
};

const unattendIsolinux = (medium: Medium, { files, isolinux }: BootMenus, spec: Unattended): MenuFiles => {
  const changed = new Map<string, string>();
  const done = new Set<string>();
  for (const root of isolinux) {
    const hasModule = (name: string): boolean =>
      [root.folder, dirname(root.main)].some((folder) => medium.files.has(join(folder, name)));
    const now = new Map([...files, ...changed]);
    for (const [path, text] of unattendSyslinux(now, root, spec, hasModule, done)) changed.set(path, text);
    for (const path of syslinuxMenu(files, root).files) done.add(path);
  }
  return changed;
};

const leftOutOf = (menus: BootMenus): string[] => {
  const models = [...menuEntries(menus).values()].map((entries) => installerEntry(entries));
  const words = models.flatMap((model) => splitArguments(model?.arguments ?? []).installer);
  return [...new Set(words.filter(isOldAnswer))];
};

const noInstaller = ({ iso }: Medium): IngotError =>
  new IngotError('media.no-installer', "no menu starts an installer's kernel with an initrd", {
    where: iso,
    hint: 'Is it the ISO of an installer? A live system has a menu too.',
  });

const commandLinesOf = (menus: BootMenus): Map<string, string> =>
  new Map(
    [...menuEntries(menus)].flatMap(([file, entries]) => {
      const ours = entries.find(({ id }) => id === ENTRY_ID);
      return ours === undefined ? [] : [[file, ours.arguments.join(' ')] as const];
    }),
  );
