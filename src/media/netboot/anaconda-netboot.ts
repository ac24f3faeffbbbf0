/**
 * A netboot for Anaconda: kernel and initrd as they are on the medium, the answers in the initrd, and next to them
 * the medium's tree, from which the installer fetches its second stage and the packages over HTTP.
 */
import { open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { IngotError, throwIfInterrupted } from '../../errors.ts';
import { type CpioEntry, cpioArchive, withParents } from '../../formats/archives/cpio.ts';
import type { Pieces } from '../../formats/byte-source.ts';
import { makeFolders } from '../../host/folders.ts';
import type { Reporter } from '../../report.ts';
import { pathsIn } from '../initrd/installer-paths.ts';
import { type Medium, mediumFilePieces, mediumSizeOf } from '../iso/medium.ts';
import { appendArchive, unpackedSize } from './netboot-initrd.ts';

export const TREE = 'tree';

export interface ServedTree {
  /** Where a server shows the folder, without a final slash. */
  readonly url: string;
  /** Whether the packages are there as well; else the kickstart names another source. */
  readonly hasPackages: boolean;
  /** The answers once more, with the tree as their source: they replace those of the medium. None when hosts have their own. */
  readonly answers: readonly CpioEntry[];
}

interface Options {
  readonly folder: string;
  readonly initrd: string;
  /** Paths on the medium. */
  readonly initrds: readonly string[];
  /** The part of each that goes into the initrd. */
  readonly read: (path: string) => Pieces;
  readonly served: ServedTree;
  readonly reporter: Reporter;
  readonly signal: AbortSignal | undefined;
}

/** Words of a medium's entry that say where the second stage and the packages are, or check a medium that is not there. */
const OF_MEDIUM = /^(inst\.)?(stage2|repo|method|askmethod)(=|$)|^root=|^rd\.live\.|^inst\.(ks\.)?device=/;

/** boot-options of Anaconda: both name a folder with a .treeinfo. A server is reached by DHCP, as the boot loader was. */
export const treeArguments = (words: readonly string[], { url, hasPackages }: ServedTree): string[] => [
  ...words.filter((word) => !OF_MEDIUM.test(word)),
  `inst.stage2=${url}/${TREE}`,
  ...(hasPackages ? [`inst.repo=${url}/${TREE}`] : []),
  'ip=dhcp',
];

/** Returns the memory in bytes that the initrd and the second stage take, about. */
export const writeAnacondaNetboot = async (medium: Medium, options: Options): Promise<number> => {
  const { folder, served, reporter, signal } = options;
  let memory = await writeInitrd(medium, options);
  // .treeinfo names kernel and initrd as well: it is a whole tree.
  const wanted = [...medium.files].filter(([path]) => isOfTree(path, served.hasPackages));
  if (!wanted.some(([path]) => SECOND_STAGE.test(path)))
    throw new IngotError('media.netboot-installer', 'the medium has no second stage of Anaconda', {
      where: medium.iso,
      hint: 'It has no images/install.img and no LiveOS/squashfs.img; take the boot or DVD image of the release.',
    });
  const total = wanted.reduce((sum, [, extents]) => sum + mediumSizeOf(extents), 0);
  let done = 0;
  for (const [path, extents] of wanted) {
    throwIfInterrupted(signal);
    await copyOut(medium, path, placeIn(join(folder, TREE), path, medium.iso), signal);
    if (SECOND_STAGE.test(path)) memory += mediumSizeOf(extents);
    done += mediumSizeOf(extents);
    reporter.progress(done, total, 'bytes');
  }
  return memory;
};

const SECOND_STAGE = /^\/(images\/install\.img|LiveOS\/squashfs\.img)$/;

/** Ours, and boot loaders with their menus: nothing of an installation reads them. */
const NOT_SERVED = /^\/(ingot|isolinux|boot|EFI|efi)(\/|$)|^\/(boot\.cat|boot\.catalog|ks\.cfg)$/;
const STAGE_ONLY = /^\/(images|LiveOS)\/|^\/\.(treeinfo|discinfo)$/;

const isOfTree = (path: string, hasPackages: boolean): boolean =>
  !NOT_SERVED.test(path) && (hasPackages || STAGE_ONLY.test(path));

const writeInitrd = async (medium: Medium, { folder, initrd, initrds, read, served }: Options): Promise<number> => {
  await using file = await open(join(folder, initrd), 'wx');
  let memory = 0;
  const [installer] = initrds;
  for (const path of initrds) {
    memory += await unpackedSize(read(path));
    await appendArchive(file, read(path));
  }
  if (served.answers.length === 0) return memory;
  // The folders of the answers came with the medium's own.
  const existing = installer === undefined ? undefined : await pathsIn(medium, installer);
  const entries = withParents(served.answers, existing);
  await appendArchive(file, cpioArchive(entries, { mtime: medium.volume.created }));
  return memory;
};

/** A name on an ISO is not to be trusted. */
const placeIn = (tree: string, path: string, iso: string): string => {
  const place = resolve(join(tree, path));
  if (place.startsWith(`${resolve(tree)}/`)) return place;
  throw new IngotError('media.damaged', `a file of the medium would lie outside of its tree: ${path}`, {
    where: iso,
    hint: 'Download the ISO again, and compare its checksum.',
  });
};

const copyOut = async (medium: Medium, path: string, to: string, signal: AbortSignal | undefined): Promise<void> => {
  await makeFolders(dirname(to));
  await using file = await open(to, 'wx', 0o644);
  for await (const piece of mediumFilePieces(medium, path, signal)) await file.writeFile(piece);
};
