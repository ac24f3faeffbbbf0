/** What a medium is: its distribution and installer, how it boots, what its menus start, whether its checks hold. */

import { type BootPath, bootPathsOf } from './boot/boot-paths.ts';
import { listFat } from './boot/efi-image.ts';
import { checkEmbedded, type EmbeddedCheck } from './checks/embedded-checks.ts';
import { type Identity, identify } from './identity/identify.ts';
import { BLOCK_SIZE, type Volume } from './iso/iso9660.ts';
import { type Medium, readMedium } from './iso/medium.ts';
import type { BootReport } from './iso/xorriso-report.ts';
import type { Way } from './loaders/way.ts';
import { type BootMenus, inEfiImage, readBootMenus, systemdMenu } from './menus/boot-menus.ts';
import type { MenuEntry } from './menus/entry.ts';
import { grubEntries } from './menus/grub.ts';
import { syslinuxEntries } from './menus/unattend-syslinux.ts';

export interface EfiImage {
  /** Path on the medium; absent when the image lies in a partition of its own. */
  readonly path: string | undefined;
  readonly lba: number;
  readonly files: readonly string[];
}

export interface MediumInfo extends Identity {
  readonly volume: Volume;
  readonly bootPaths: readonly BootPath[];
  readonly boot: BootReport;
  readonly efiImages: readonly EfiImage[];
  /** Each way to boot with its loader, and the menus that the loader reaches. */
  readonly ways: readonly Way[];
  /** File to the entries in it; a file that another one includes has its own. */
  readonly menus: ReadonlyMap<string, readonly MenuEntry[]>;
  /** The checks that it carries, each with its result. */
  readonly checks: readonly EmbeddedCheck[];
}

/**
 * Reads the whole medium, for its checks. Throws what `readMedium` throws, and `media.efi-image`. A medium without a boot
 * loader is a medium too.
 */
export const inspectMedium = async (iso: string, signal?: AbortSignal): Promise<MediumInfo> => {
  const medium = await readMedium(iso, signal);
  const found = await readBootMenus(medium, signal);
  const menus = everyMenu(found);
  return {
    ...(await identify(medium, [...menus.values()].flat())),
    volume: medium.volume,
    bootPaths: bootPathsOf(medium.boot),
    boot: medium.boot,
    efiImages: await efiImagesOf(medium, signal),
    ways: found.ways,
    menus,
    checks: await checkEmbedded(medium, signal),
  };
};

const efiImagesOf = async ({ iso, boot }: Medium, signal: AbortSignal | undefined): Promise<EfiImage[]> => {
  const images: EfiImage[] = [];
  for (const { platform, path, lba } of boot.elTorito) {
    if (platform !== 'UEFI') continue;
    const files = await listFat({ path: iso, offset: lba * BLOCK_SIZE }, { signal });
    images.push({ path, lba, files: files.sort() });
  }
  return images;
};

/** Also the menus that start no installer, and those that only another menu leads to. */
export const everyMenu = (menus: BootMenus): ReadonlyMap<string, readonly MenuEntry[]> => {
  const { isolinux, files, images } = menus;
  const found: (readonly [string, readonly MenuEntry[]])[] = [
    ...isolinux.map((root) => [root.main, shown(syslinuxEntries(files, root))] as const),
    ...[...files].map(([path, text]) => [path, shown(grubEntries(text))] as const),
    ...images.flatMap((image) => [
      ...[...image.files].map(([path, text]) => [inEfiImage(image, path), shown(grubEntries(text))] as const),
      ...systemdMenu(image).map(([path, entries]) => [path, shown(entries)] as const),
    ]),
  ];
  return new Map(found.filter(([, entries]) => entries.length > 0));
};

/** Without the place in the text, which is for edits. */
const shown = (entries: readonly MenuEntry[]): MenuEntry[] =>
  entries.map(({ id, title, kernel, initrds, arguments: words, root }) => ({
    id,
    title,
    kernel,
    initrds,
    arguments: words,
    ...(root === undefined ? {} : { root }),
  }));
