/**
 * What is in a .deb, as far as an image is held against it: every member of data.tar with its digest, and the control files whole.
 * Taking 230 packages apart costs ten seconds and more, so what was read is kept by the digest of the .deb: the same bytes hold the
 * same files, whoever asks.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { readTar, type TarEntry } from '../../../formats/archives/tar.ts';
import { sha256, temporaryFolder, writeFileWhole } from '../../../host/files.ts';
import { ifThere } from '../../../host/if-there.ts';
import { extractDebs, readControl } from '../unpacked/deb.ts';

const member = z.strictObject({
  /** `/usr/bin/openssl`. */
  path: z.string(),
  type: z.enum(['File', 'Link', 'SymbolicLink', 'Directory', 'CharacterDevice', 'BlockDevice', 'FIFO']),
  mode: z.int(),
  uid: z.int(),
  gid: z.int(),
  uname: z.string().optional(),
  gname: z.string().optional(),
  size: z.int(),
  sha256: z.string().optional(),
  /** Only where the package brings no md5sums: dpkg makes them then. */
  md5: z.string().optional(),
  linkpath: z.string().optional(),
  device: z.tuple([z.int(), z.int()]).optional(),
});
export type Member = z.output<typeof member>;

const content = z.strictObject({
  /** Its `control`. */
  control: z.string(),
  /** All other control files by name, with their permission bits. */
  files: z.record(z.string(), z.strictObject({ mode: z.int(), content: z.string() })),
  members: z.array(member),
});
export type PackageContent = z.output<typeof content>;

/** Raised when what is kept changes its shape. */
const SHAPE = 2;

export interface Wanted {
  readonly sha256: string;
  /** The .deb, whose digest was looked at just before. */
  readonly path: string;
}

/** Packages taken apart at once, and how many such lots are decompressed while another one is read. */
const BATCH = 12;
const AHEAD = 2;

interface Options {
  /** Where what was read is kept; nowhere without it. */
  readonly kept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** In the order of `wanted`. */
export async function* packageContents<T extends Wanted>(
  wanted: readonly T[],
  { kept, signal }: Options,
): AsyncGenerator<readonly [T, PackageContent]> {
  await using folder = await temporaryFolder('ingot-debs-');
  const missing: T[] = [];
  for (const one of wanted) {
    const known = kept === undefined ? undefined : await keptContent(kept, one);
    if (known === undefined) missing.push(one);
    else yield [one, known];
  }
  const lots = Array.from({ length: Math.ceil(missing.length / BATCH) }, (_, nth) =>
    missing.slice(nth * BATCH, (nth + 1) * BATCH),
  );
  const taken = (lot: readonly T[]) => {
    const archives = extractDebs(
      lot.map(({ path }) => path),
      folder.path,
      signal,
    );
    archives.catch(() => {});
    return archives;
  };
  const running = lots.slice(0, AHEAD).map(taken);
  for (const [nth, lot] of lots.entries()) {
    const archives = (await running[nth]) ?? [];
    const next = lots[nth + AHEAD];
    if (next !== undefined) running.push(taken(next));
    for (const [at, one] of lot.entries()) {
      const archive = archives[at];
      if (archive === undefined) continue;
      const read = await readContent(archive.control, archive.files, one.path);
      await Promise.all([rm(archive.control), rm(archive.files)]);
      if (kept !== undefined) await keep(kept, one, read);
      yield [one, read];
    }
  }
}

const pathOf = (kept: string, { sha256: digest }: Wanted): string =>
  join(kept, digest.slice(0, 2), `${digest}-${SHAPE}`);

/** The digest of the text stands before it: half a file is no file. */
const keep = async (kept: string, one: Wanted, read: PackageContent): Promise<void> => {
  const text = JSON.stringify(read);
  await mkdir(join(kept, one.sha256.slice(0, 2)), { recursive: true });
  await writeFileWhole(pathOf(kept, one), gzipSync(`${sha256(`${one.sha256} ${text}`)}\n${text}`, { level: 1 }));
};

const keptContent = async (kept: string, one: Wanted): Promise<PackageContent | undefined> => {
  const packed = await ifThere(readFile(pathOf(kept, one)));
  if (packed === undefined) return undefined;
  try {
    const whole = gunzipSync(packed).toString();
    const text = whole.slice(65);
    if (whole.slice(0, 64) !== sha256(`${one.sha256} ${text}`)) return undefined;
    return content.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const readContent = async (controlArchive: string, filesArchive: string, name: string): Promise<PackageContent> => {
  const control = await readControl(controlArchive, name);
  const members: Member[] = [];
  const needsMd5 = !control.files.has('md5sums');
  let open: { readonly entry: TarEntry; readonly hash: Hash; readonly md5: Hash | undefined } | undefined;
  await readTar(
    createReadStream(filesArchive, { highWaterMark: 2 ** 20 }),
    {
      entry(entry) {
        open = { entry, hash: createHash('sha256'), md5: needsMd5 ? createHash('md5') : undefined };
      },
      data(chunk) {
        open?.hash.update(chunk);
        open?.md5?.update(chunk);
      },
      end() {
        if (open === undefined || open.entry.path === '') return;
        const { path, mtime: _, ...entry } = open.entry;
        const md5 = open.md5 === undefined ? {} : { md5: open.md5.digest('hex') };
        const digest = entry.type === 'File' ? { sha256: open.hash.digest('hex'), ...md5 } : {};
        members.push(member.parse({ path: `/${path}`, ...entry, ...digest }));
      },
    },
    { name, special: true },
  );
  return {
    control: control.text,
    files: Object.fromEntries(
      [...control.files].map(([file, { entry, content: bytes }]) => [
        file,
        { mode: entry.mode, content: bytes.toString('latin1') },
      ]),
    ),
    members,
  };
};
