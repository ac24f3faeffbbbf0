/**
 * Makes an installer's ISO unattended without unpacking it: a copy grows by answers, menus and sums, or is written as a whole
 * where something has to go, its boot structures are replayed, and it is read again before it gets its name.
 */
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CpioEntry } from '../formats/archives/cpio.ts';
import { publish, requireSpace, temporaryFolder, temporaryName } from '../host/files.ts';
import type { Reporter } from '../report.ts';
import { wrongBefore } from './checks/embedded-checks.ts';
import { type Renewal, renewalOf } from './checks/implanted.ts';
import { renewBootImageSums, renewSums } from './checks/medium-sums.ts';
import { renewTreeinfo } from './checks/treeinfo.ts';
import { writeApplicationUse } from './checks/whole-medium.ts';
import { removedPaths, requirePlaces, without } from './content/changes.ts';
import { neededPaths } from './content/needed.ts';
import { ANSWERS_INITRD, answersInitrd } from './initrd/answers-initrd.ts';
import { hfsArgs } from './iso/hfs.ts';
import { requireVolumeId } from './iso/iso9660.ts';
import { readMedium } from './iso/medium.ts';
import { passThrough } from './iso/pass-through.ts';
import { sharedSpans } from './iso/shared-blocks.ts';
import { writeChanged } from './iso/write-changed.ts';
import { type BootFirmware, problemText, requireUnattended } from './loaders/unattended-ways.ts';
import { readBootMenus, requireMenus } from './menus/boot-menus.ts';
import type { KernelArguments } from './menus/menu-arguments.ts';
import { relabelledMenus } from './menus/relabel.ts';
import { unattendMenus } from './menus/unattend.ts';
import { type MenuStart, titleOf } from './menus/unattended.ts';
import { stageImages } from './remaster-images.ts';
import { refuseSameFile } from './same-file.ts';
import { type MediumFile, newFolders, stageFiles } from './staging.ts';
import { requireBlessed, requirePartition, requireWritten, verifyMedium } from './verify/verify.ts';

export interface RemasterOptions {
  readonly iso: string;
  readonly output: string;
  /** What the installer finds in its root file system before it asks anything; folders are added where missing. */
  readonly initrdEntries: readonly CpioEntry[];
  /** Files that are put on the medium besides that. */
  readonly mediumFiles: readonly MediumFile[];
  /** Files and folders of the original that the medium must not have. */
  readonly remove?: readonly string[];
  readonly kernelArguments: KernelArguments;
  readonly menu: {
    readonly start: MenuStart;
    /** Of the entry, without the words that it erases the disk. */
    readonly title: string;
    /** Boot loaders on the first serial port too; when absent, as `start` is `now`. */
    readonly serial?: boolean;
  };
  /** The firmware for which the unattended entry is needed; every way to boot of the medium when absent. */
  readonly firmware?: BootFirmware | undefined;
  /** Renewed in the boot menus too; the original's when absent. */
  readonly volumeId?: string | undefined;
  /** Seconds since 1970: the time stamp of all that is new. */
  readonly date: number;
  readonly signal?: AbortSignal | undefined;
  readonly reporter: Reporter;
}

export interface Remastered {
  /** Paths on the medium that are new or not as they were; all others were compared and are. */
  readonly changed: readonly string[];
  /** Paths of the original that are gone, those within removed folders too. */
  readonly removed: readonly string[];
  /** The command line of the unattended entry, by the menu file in which it stands. */
  readonly commandLines: ReadonlyMap<string, string>;
}

/**
 * The same input gives the same bytes. Throws `media.not-an-iso`, `media.truncated`, `media.damaged`,
 * `media.no-boot-loader`, `media.no-boot-menu`, `media.efi-image`, `media.no-installer`, `media.not-unattended`, `media.layout`, `media.arguments`, `media.menu-title`, `media.path-taken`, `media.same-file`,
 * `media.remove-missing`, `media.needed`, `host.no-space`, `media.verify-*`; nothing is left at `output` then.
 */
export const remaster = async (options: RemasterOptions): Promise<Remastered> => {
  const { iso, output, date: epoch, reporter, signal } = options;
  await refuseSameFile(iso, output);
  if (options.volumeId !== undefined) requireVolumeId(options.volumeId);
  const original = await readMedium(iso, signal);
  const menus = await readBootMenus(original, signal);
  requireMenus(original, menus);
  const needed = neededPaths(original, menus);
  const { remove = [] } = options;
  const gone = removedPaths(original, needed, remove);
  const medium = without(original, gone);
  requirePlaces(
    medium,
    needed,
    options.mediumFiles.map(({ path }) => path),
  );
  // What cannot be written again is refused before anything is.
  await hfsArgs(original);
  reporter.phase('menus');
  const { title, start, serial = start === 'now' } = options.menu;
  const spec = { start, serial, title: titleOf(title), arguments: options.kernelArguments, initrds: [ANSWERS_INITRD] };

  const { volumeId = original.volume.volumeId } = options;
  const named = relabelledMenus(menus, original.volume.volumeId, volumeId);
  const answers = await answersInitrd(medium, menus, options);
  const unattended = unattendMenus(medium, { original: menus, menus: named }, spec, answers);
  for (const way of requireUnattended(iso, unattended.menus, options.firmware))
    reporter.note(`not unattended: ${problemText(way)}`);
  if (unattended.leftOut.length > 0)
    reporter.note(
      `the unattended entry leaves out arguments that would answer instead of the recipe: ${unattended.leftOut.join(' ')}`,
    );
  for (const { path } of options.mediumFiles)
    if (medium.files.has(path) && ANSWER_FILE.test(path)) reporter.note(`${path} of the original is replaced`);
  const initrd = { path: ANSWERS_INITRD, content: answers };
  await using work = await temporaryFolder('.remaster-', dirname(output));
  const images = await stageImages(original, unattended.images, { folder: work.path, epoch, signal });
  const wanted = [...unattended.files, ...images.files, initrd, ...options.mediumFiles];
  const listed = await renewSums(medium, await renewTreeinfo(medium, wanted, gone), gone);
  const files = await stageFiles(work.path, listed, epoch);
  const size = medium.volume.fileSize + sizeOfAll(files) + images.growth;
  await requireSpace(dirname(output), size, 'the remastered medium');

  reporter.phase('write');
  const temporary = temporaryName(output);
  try {
    const changed = files.map(({ to }) => to).sort();
    const what = {
      files,
      folders: newFolders(medium, files),
      remove,
      volumeId: options.volumeId,
      appended: images.appended,
    };
    const place = { output: temporary, folder: work.path, size, epoch, reporter, signal };
    const { isShared, bulk } = await writeChanged(original, what, place);
    const result = await readMedium(temporary, signal);
    await renewBootImageSums(result, signal);
    const copied = isShared ? await sharedSpans(iso, temporary, signal) : bulk;
    const renewal = await renewalOf(iso, temporary);
    reporter.phase(bulk.length > 0 ? 'copy' : 'verify');
    // All changes are made, except in the area that a sum of the whole leaves out, and all files are compared.
    const both = [
      passThrough({ iso, output: temporary, bulk, ...seenBy(renewal), reporter, signal }),
      verifyMedium(medium, result, changed, { copied, signal }),
    ] as const;
    // Both must have stopped reading when the file is removed.
    await Promise.allSettled(both);
    const [, { staleSums }] = await Promise.all(both);
    const damage = renewal?.wrong.result();
    if (damage !== undefined) reporter.note(DAMAGED);
    else if (renewal?.lost !== undefined) reporter.note(renewal.lost);
    // A wrong sum is not corrected: the medium's own check has to fail as before.
    if (renewal !== undefined) await writeApplicationUse(temporary, damage ?? renewal.sum.result());
    for (const line of await wrongBefore(medium, changed, signal)) reporter.note(line);
    await requireWritten(result, files, signal);
    if (images.appended) await requirePartition(result, images.appended.from, signal);
    await requireBlessed(original, result);
    // Followed again as it lies there now: a loader may find its menu by something that has changed.
    requireUnattended(temporary, await readBootMenus(result, signal), options.firmware);
    for (const path of staleSums)
      reporter.note(`md5sum.txt of the original has a wrong sum for ${path}; the line is kept`);
    await publish(temporary, output);
    return { changed, removed: [...gone].sort(), commandLines: unattended.commandLines };
  } finally {
    await rm(temporary, { force: true });
  }
};

/** What people put on media as answers. */
const ANSWER_FILE =
  /^\/([^/]*\.(ks|preseed|seed)|(preseed|ks|anaconda-ks|kickstart)\.cfg|autoinst\.xml|user-data|meta-data|autoinstall\.yaml)$/i;

const DAMAGED =
  "the original's own check of its bytes (isomd5 or SUSE's tag) fails: it is damaged, or was changed; the new medium keeps that sum, which fails too";

const seenBy = (renewal: Renewal | undefined) => ({ see: renewal?.sum.see, seeOriginal: renewal?.wrong.see });

const sizeOfAll = (files: readonly { readonly size: number }[]): number =>
  files.reduce((sum, { size }) => sum + size, 0);
