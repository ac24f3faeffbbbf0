/**
 * The packages of a lock as dpkg would have unpacked them, in one raw image that the installer copies from: on the host
 * it takes seconds, in an emulated machine minutes. Nothing of a package is run here; preinst scripts run in the
 * installer, before the files of their stage are there, and `dpkg --configure` does its work there as ever.
 *
 * One tar archive a stage (installer/README.md, "The unpacked packages"), each at a multiple of 1 MiB, and an index in
 * the last 4 KiB. The same lock gives the same bytes.
 */
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { throwIfInterrupted } from '../../../errors.ts';
import { type FileRef, requireSpace, temporaryFolder } from '../../../host/files.ts';
import type { Reporter } from '../../../report.ts';
import type { BlobStore } from '../../blobs.ts';
import { type Lock, type LockedDeb, lockDate } from '../lock.ts';
import { type ExtractedDeb, extractDebs, readControl } from './deb.ts';
import {
  checkPreinst,
  conffilesOf,
  listOf,
  NeedsDpkg,
  nameInDatabase,
  statusOf,
  triggersOf,
  type UnpackedPackage,
} from './dpkg-database.ts';
import { createImageFile, type ImageFile } from './image-file.ts';
import { padding, readTar, TAR_END, type TarEntry, tarHeader } from './tar.ts';

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
  const { lock, output, signal } = options;
  const debs = lock.debs
    .filter((deb): deb is Installed => deb.install !== undefined)
    .sort((a, b) => a.install.stage - b.install.stage);
  const size = debs.reduce((sum, deb) => sum + deb.size, 0);
  await requireSpace(dirname(output), EXPANSION * size, 'unpacking the packages');
  await using image = await createImageFile(output);
  await using work = await temporaryFolder('.unpack-', dirname(output));
  const placed: Placed = { directories: new Set(), files: new Map() };
  const index = ['ingot-unpacked 1'];
  const withPreinst: UnpackedPackage[] = [];
  let done = 0;
  try {
    const extracted = extractAhead(debs, work.path, options);
    for (const stage of new Set(debs.map(({ install }) => install.stage))) {
      const start = image.size / MIB;
      const packages: UnpackedPackage[] = [];
      for (const deb of debs.filter(({ install }) => install.stage === stage)) {
        throwIfInterrupted(signal);
        packages.push(await unpackOne(deb, await nextOf(extracted), { placed, image, signal }));
        done += deb.size;
        options.reporter.progress(done, size, 'bytes');
      }
      writeDatabase(packages, placed, image, lockDate(lock));
      endArchive(image);
      index.push(`${stage} ${start}`);
      withPreinst.push(...packages.filter(({ control }) => control.files.has('preinst')));
    }
    index.push(`preinst ${image.size / MIB}`);
    writePreinsts(withPreinst, image, lockDate(lock));
    endArchive(image);
  } catch (error) {
    if (error instanceof NeedsDpkg) return { reason: error.message };
    throw error;
  }
  image.push(Buffer.from(index.join('\n').padEnd(INDEX_SIZE, '\n')));
  return { image: await image.finish() };
};

const endArchive = (image: ImageFile): void => {
  image.push(TAR_END);
  image.align(MIB);
};

/** What lies in the image so far: files with the package they came from. */
interface Placed {
  readonly directories: Set<string>;
  readonly files: Map<string, string>;
}

/** Packages of a batch, and how many batches are being decompressed while another one is written. */
const BATCH = 16;
const AHEAD = 2;

/** The packages, checked against their digests and taken apart, in their order. */
async function* extractAhead(
  debs: readonly Installed[],
  folder: string,
  { store, signal }: UnpackOptions,
): AsyncGenerator<ExtractedDeb> {
  const running: Promise<ExtractedDeb[]>[] = [];
  for (let start = 0; start < debs.length; start += BATCH) {
    const batch = debs.slice(start, start + BATCH).map((deb) => store.checked(deb, deb.filename));
    const next = Promise.all(batch).then((paths) => extractDebs(paths, folder, signal));
    // One that fails is told when its turn comes.
    next.catch(() => {});
    running.push(next);
    const first = running.length > AHEAD ? running.shift() : undefined;
    if (first !== undefined) yield* await first;
  }
  for (const rest of running) yield* await rest;
}

const nextOf = async (extracted: AsyncGenerator<ExtractedDeb>): Promise<ExtractedDeb> => {
  const { value, done } = await extracted.next();
  if (done) throw new Error('there are more packages than were extracted');
  return value;
};

const unpackOne = async (
  deb: Installed,
  archives: ExtractedDeb,
  { placed, image, signal }: { placed: Placed; image: ImageFile; signal: AbortSignal | undefined },
): Promise<UnpackedPackage> => {
  const control = await readControl(archives.control, deb.filename);
  const paths: string[] = [];
  try {
    checkPreinst(control);
    const conffiles = new Set(conffilesOf(control));
    let size = 0;
    await readTar(
      createReadStream(archives.files, { highWaterMark: MIB, signal }),
      {
        entry(entry) {
          if (entry.path !== '') paths.push(`/${entry.path}`);
          size = entry.size;
          const moved = place(entry, { owner: deb.name, conffiles, placed });
          if (moved) image.push(tarHeader(moved));
        },
        data: (chunk) => image.push(chunk),
        end: () => image.push(padding(size)),
      },
      { name: deb.filename, between: image.drain },
    );
  } catch (error) {
    if (error instanceof NeedsDpkg) throw new NeedsDpkg(`${deb.name}: ${error.message}`);
    throw error;
  }
  await Promise.all([rm(archives.control), rm(archives.files)]);
  return { name: deb.name, control, paths };
};

/** Where an entry goes in the image; undefined when it is there already. Throws `NeedsDpkg` for what dpkg would have to decide. */
const place = (
  entry: TarEntry,
  {
    owner,
    conffiles,
    placed,
  }: { readonly owner: string; readonly conffiles: ReadonlySet<string>; readonly placed: Placed },
): TarEntry | undefined => {
  const path = merged(entry.path);
  if (entry.type === 'Directory') {
    if (path === '' || ALIASES.has(entry.path) || placed.directories.has(path)) return undefined;
    if (placed.files.has(path))
      throw new NeedsDpkg(`/${path} is a file of ${placed.files.get(path)} and a folder here`);
    placed.directories.add(path);
    return { ...entry, path };
  }
  if (ALIASES.has(entry.path)) return undefined;
  const other = placed.files.get(path);
  if (other !== undefined || placed.directories.has(path))
    throw new NeedsDpkg(`/${path} is in ${other ?? 'another package'} too`);
  placed.files.set(path, owner);
  const isConffile = conffiles.has(`/${entry.path}`);
  if (entry.type !== 'Link') return { ...entry, path: isConffile ? `${path}.dpkg-new` : path };
  const target = (entry.linkpath ?? '').replace(/^\.?\/+/, '');
  if (isConffile || conffiles.has(`/${target}`)) throw new NeedsDpkg(`the conffile /${entry.path} is a hard link`);
  return { ...entry, path, linkpath: merged(target) };
};

/** Folders that are links into /usr on the installed system; the installer makes them first. */
const ALIASES = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']);

const merged = (path: string): string => (ALIASES.has(path.split('/')[0] ?? '') ? `usr/${path}` : path);

/** Beside what dpkg keeps, what the installer needs: stanzas and trigger lines to append, preinst scripts. */
const FOR_INSTALLER = 'debootstrap/unpacked';

const writeDatabase = (
  packages: readonly UnpackedPackage[],
  { directories }: Placed,
  image: ImageFile,
  date: number,
): void => {
  const folders = ['var', 'var/lib', 'var/lib/dpkg', 'var/lib/dpkg/info', FOR_INSTALLER, `${FOR_INSTALLER}/triggers`];
  for (const path of folders.filter((folder) => !directories.has(folder))) {
    directories.add(path);
    pushFolder(image, path, date);
  }
  for (const unpacked of packages) {
    const name = `var/lib/dpkg/info/${nameInDatabase(unpacked.control)}`;
    pushFile(image, `${name}.list`, Buffer.from(listOf(unpacked)), { date });
    for (const [kind, { entry, content }] of unpacked.control.files) {
      pushFile(image, `${name}.${kind}`, content, { mode: entry.mode, date: entry.mtime.getTime() / 1000 });
    }
  }
  pushFile(image, `${FOR_INSTALLER}/status`, Buffer.from(packages.map(statusOf).join('')), { date });
  for (const [name, lines] of triggersOf(packages)) {
    pushFile(image, `${FOR_INSTALLER}/triggers/${name}`, Buffer.from(lines), { date });
  }
};

/** The whole control archive of each: preinst scripts look at their neighbours (debconf at `control` and `templates`). */
const writePreinsts = (packages: readonly UnpackedPackage[], image: ImageFile, date: number): void => {
  pushFolder(image, `${FOR_INSTALLER}/preinst`, date);
  for (const { name, control } of packages) {
    const folder = `${FOR_INSTALLER}/preinst/${name}`;
    pushFolder(image, folder, date);
    pushFile(image, `${folder}/control`, Buffer.from(`${control.text}\n`), { date });
    for (const [kind, { entry, content }] of control.files) {
      pushFile(image, `${folder}/${kind}`, content, { mode: entry.mode, date });
    }
  }
};

const pushFolder = (image: ImageFile, path: string, date: number): void =>
  image.push(
    tarHeader({ path, type: 'Directory', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: new Date(date * 1000) }),
  );

const pushFile = (
  image: ImageFile,
  path: string,
  content: Uint8Array,
  { mode = 0o644, date }: { readonly mode?: number; readonly date: number },
): void => {
  const size = content.length;
  image.push(tarHeader({ path, type: 'File', mode, uid: 0, gid: 0, size, mtime: new Date(date * 1000) }));
  image.push(content);
  image.push(padding(size));
};
