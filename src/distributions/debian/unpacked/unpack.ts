/**
 * The packages of a lock as dpkg would have unpacked them, in one raw image that the installer copies from: on the host
 * it takes seconds, in an emulated machine minutes. Nothing of a package is run here; preinst scripts run in the
 * installer, before the files of their stage are there, and `dpkg --configure` does its usual work there.
 *
 * One tar archive a stage (installer/README.md, "The unpacked packages"), each at a multiple of 1 MiB, and an index in
 * the last 4 KiB. The same lock gives the same bytes.
 */
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { throwIfInterrupted } from '../../../errors.ts';
import { readTar, TAR_END, tarHeader, tarPadding } from '../../../formats/archives/tar.ts';
import { type FileRef, requireSpace, temporaryFolder } from '../../../host/files.ts';
import { type Piece, pieces } from '../../../host/pieces.ts';
import type { BlobStore } from '../../../origin/blobs.ts';
import type { Reporter } from '../../../report.ts';
import { type Lock, type LockedDeb, lockDate } from '../archive/package-lock.ts';
import { type ExtractedDeb, readControl } from './deb.ts';
import { keepsOldNames } from './diversions.ts';
import { conffilesOf, NeedsDpkg, type UnpackedPackage } from './dpkg-database.ts';
import { extractAhead } from './extract.ts';
import { createImageFile, type ImageFile } from './image-file.ts';
import { writeDatabase, writePreinsts } from './installer-files.ts';
import { type Placed, placeEntry } from './placement.ts';

export interface UnpackOptions {
  readonly lock: Lock;
  readonly store: BlobStore;
  readonly output: string;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** `image` is absent when the packages need dpkg itself; `reason` says which and why. */
export interface Unpacked {
  readonly image?: FileRef;
  readonly reason?: string;
}

type Installed = LockedDeb & { readonly install: NonNullable<LockedDeb['install']> };

const MIB = 2 ** 20;
const INDEX_SIZE = 4096;
/** What installed packages take at most for each byte of their .deb; xz reaches 5 to 6 with kernel modules. */
const EXPANSION = 8;

export const unpackPackages = async (options: UnpackOptions): Promise<Unpacked> => {
  const { lock, output } = options;
  const debs = lock.debs
    .filter((deb): deb is Installed => deb.install !== undefined)
    .sort((a, b) => a.install.stage - b.install.stage);
  await requireSpace(dirname(output), EXPANSION * sizeOf(debs), 'unpacking the packages');
  await using image = await createImageFile(output);
  try {
    const index = await writeArchives(debs, image, options);
    image.push(Buffer.from(index.join('\n').padEnd(INDEX_SIZE, '\n')));
    return { image: await image.finish() };
  } catch (error) {
    if (!(error instanceof NeedsDpkg)) throw error;
    await rm(output);
    return { reason: error.message };
  }
};

/** Returns the lines of the index. */
const writeArchives = async (
  debs: readonly Installed[],
  image: ImageFile,
  { lock, store, output, reporter, signal }: UnpackOptions,
): Promise<string[]> => {
  await using work = await temporaryFolder('.unpack-', dirname(output));
  const placed: Placed = { directories: new Set(), files: new Map(), oldNames: new Map(), keepers: new Set() };
  const index = ['ingot-unpacked 1'];
  const all: UnpackedPackage[] = [];
  let packages: UnpackedPackage[] = [];
  let done = 0;
  const begin = (name: string | number) => void index.push(`${name} ${image.size / MIB}`);
  const end = () => {
    image.push(TAR_END);
    image.align(MIB);
  };
  const endStage = () => {
    writeDatabase(packages, placed, image, lockDate(lock));
    end();
    all.push(...packages);
    packages = [];
  };
  let stage: number | undefined;
  for await (const { deb, archives } of extractAhead(debs, { folder: work.path, store, signal })) {
    throwIfInterrupted(signal);
    if (deb.install.stage !== stage) {
      if (stage !== undefined) endStage();
      stage = deb.install.stage;
      begin(stage);
    }
    packages.push(await unpackOne(deb, archives, { placed, image, signal }));
    done += deb.size;
    reporter.progress(done, sizeOf(debs), 'bytes');
  }
  endStage();
  checkOldNames(placed);
  begin('preinst');
  writePreinsts(
    all.filter(({ control }) => control.files.has('preinst')),
    image,
    lockDate(lock),
  );
  end();
  return index;
};

/** Throws `NeedsDpkg` where one package keeps the old names and another has a file under one: dpkg alone knows who wins. */
const checkOldNames = ({ oldNames, keepers }: Placed): void => {
  const [keeper] = keepers;
  const [file] = oldNames;
  if (keeper === undefined || file === undefined) return;
  throw new NeedsDpkg(`${file[1]}: /${file[0]} may be diverted by ${keeper}`);
};

const sizeOf = (debs: readonly Installed[]): number => debs.reduce((sum, { size }) => sum + size, 0);

const unpackOne = async (
  deb: Installed,
  archives: ExtractedDeb,
  { placed, image, signal }: { placed: Placed; image: ImageFile; signal: AbortSignal | undefined },
): Promise<UnpackedPackage> => {
  const control = await readControl(archives.control, deb.filename);
  const paths: string[] = [];
  try {
    if (keepsOldNames(control)) placed.keepers.add(deb.name);
    const conffiles = new Set(conffilesOf(control).map(({ path }) => path));
    let size = 0;
    await using archive = await open(archives.files);
    await readTar(
      bytesOf(pieces(archive, 0, (await archive.stat()).size, signal)),
      {
        entry(entry) {
          if (entry.path !== '') paths.push(`/${entry.path}`);
          size = entry.size;
          const moved = placeEntry(entry, { owner: deb.name, conffiles, placed });
          if (moved) image.push(tarHeader(moved));
        },
        data: (chunk) => image.push(chunk),
        end: () => image.push(tarPadding(size)),
      },
      // A piece is written before its buffer is used again.
      { name: deb.filename, between: image.drain },
    );
  } catch (error) {
    if (error instanceof NeedsDpkg) throw new NeedsDpkg(`${deb.name}: ${error.message}`);
    throw error;
  }
  await Promise.all([rm(archives.control), rm(archives.files)]);
  return { name: deb.name, control, paths };
};

async function* bytesOf(all: AsyncIterable<Piece>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of all) yield bytes;
}
