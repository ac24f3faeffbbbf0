/**
 * The one disk out of a tar archive or an OVA, taken by tar(1), which lists and writes by the same reading and knows sparse
 * files. Only plain files in the archive's own root count; links, devices and paths are never written.
 */
import { createHash } from 'node:crypto';
import { chmod, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../errors.ts';
import { type OvfDisk, ovfDisk } from '../formats/disk-images/ovf.ts';
import { type ChecksumLine, parseChecksums } from '../formats/signatures/checksum-lines.ts';
import { digestFile } from '../host/digest.ts';
import { run } from '../host/run.ts';
import { formatOfName } from '../recipe/values/image-name.ts';

export interface ArchiveOptions {
  /** Takes what is written; empty. */
  readonly folder: string;
  /** Bytes that a file in it may have. */
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
}

interface Entry {
  /** As tar has it: `./disk.raw`. */
  readonly member: string;
  readonly name: string;
  readonly size: number;
}

const TAR = ['--force-local', '--no-same-owner', '--no-same-permissions'];
/** Of address space. */
const TAR_MEMORY = 2 ** 30;
const SMALL = 4 * 2 ** 20;

/** Throws `origin.image-archive`. */
export const takeFromTar = async (path: string, options: ArchiveOptions): Promise<string> => {
  const entries = await listEntries(path, options);
  const disks = entries.length === 1 ? entries : entries.filter(({ name }) => formatOfName(name) !== undefined);
  const [disk, another] = disks;
  if (disk === undefined) throw wrongArchive(path, `there is no disk in it, only ${namesOf(entries)}`);
  if (another !== undefined) throw wrongArchive(path, `there are several disks in it: ${namesOf(disks)}`);
  return await extract(path, disk, options);
};

export interface OvaDisk {
  readonly path: string;
  readonly compression: OvfDisk['compression'];
}

/** Throws `origin.image-archive`, `origin.ovf-invalid`, `origin.image-several-disks`, or `origin.digest-mismatch`. */
export const takeFromOva = async (path: string, options: ArchiveOptions): Promise<OvaDisk> => {
  const entries = await listEntries(path, options);
  const descriptor = onlyOf(path, entries, '.ovf');
  if (descriptor === undefined) throw wrongArchive(path, 'there is no .ovf in it');
  const text = await readFile(await extract(path, descriptor, { ...options, most: SMALL }), 'utf8');
  const { href, compression } = ovfDisk(text, `${path}: ${descriptor.name}`);
  const disk = entries.find(({ name }) => name === href);
  if (disk === undefined) throw wrongArchive(path, `its disk ${href} is not in it`);
  const manifest = onlyOf(path, entries, '.mf');
  const taken = await extract(path, disk, options);
  if (manifest === undefined) return { path: taken, compression };
  const lines = await readFile(await extract(path, manifest, { ...options, most: SMALL }), 'utf8');
  const sums = parseChecksums(lines, `${path}: ${manifest.name}`);
  const content = async (algorithm: string) => createHash(algorithm).update(text).digest('hex');
  await requireSum(path, sums, descriptor.name, content);
  await requireSum(path, sums, disk.name, (algorithm) => digestFile(taken, algorithm, options.signal));
  return { path: taken, compression };
};

/** Finds damage on the way; who made the image is proved by the publisher's sums. */
const requireSum = async (
  where: string,
  sums: readonly ChecksumLine[],
  name: string,
  digest: (algorithm: ChecksumLine['algorithm']) => Promise<string>,
): Promise<void> => {
  const own = sums.filter(({ file }) => file === name);
  if (own.length === 0) throw wrongArchive(where, `its manifest has no sum of ${name}`);
  for (const sum of own) {
    const found = await digest(sum.algorithm);
    if (found !== sum.digest)
      throw new IngotError('origin.digest-mismatch', `${name} is not what the manifest of the OVA says`, {
        where,
        detail: `expected ${sum.digest}\nfound    ${found}`,
        hint: 'Fetch it again, or export the machine again.',
      });
  }
};

const onlyOf = (where: string, entries: readonly Entry[], extension: string): Entry | undefined => {
  const found = entries.filter(({ name }) => name.toLowerCase().endsWith(extension));
  if (found.length > 1) throw wrongArchive(where, `there are several ${extension} in it: ${namesOf(found)}`);
  return found[0];
};

/** `-rw-r--r-- 0/0 SIZE DATE TIME NAME`, what is odd in a name with a backslash. */
const LINE = /^(\S)\S* +\S+ +(\d+) +\S+ +\S+ (.*)$/;
const PLAIN_NAME = /^(?:\.\/)?([^/\\]+)$/;

/** The plain files of the root. */
const listEntries = async (path: string, { signal }: ArchiveOptions): Promise<Entry[]> => {
  await requireTar(path);
  const args = ['--list', '--verbose', '--numeric-owner', '--quoting-style=escape', ...TAR, '--file', path];
  const { stdout } = await tar(args, path, { signal });
  const entries = new Map<string, Entry>();
  for (const line of stdout.split('\n')) {
    const [, type, size, member = ''] = LINE.exec(line) ?? [];
    const name = PLAIN_NAME.exec(member)?.[1];
    if (type !== '-' || name === undefined) continue;
    if (entries.has(name)) throw wrongArchive(path, `${name} is in it twice`);
    entries.set(name, { member, name, size: Number(size) });
  }
  return [...entries.values()];
};

/** tar(1) would look for a compression, and start a program for it. */
const requireTar = async (path: string): Promise<void> => {
  await using file = await open(path);
  const block = Buffer.alloc(512);
  await file.read(block, 0, block.length, 0);
  if (block.toString('latin1', 257, 262) !== 'ustar') throw wrongArchive(path, 'it is not a tar archive');
};

const extract = async (path: string, { member, name, size }: Entry, options: ArchiveOptions): Promise<string> => {
  const { folder, most, signal } = options;
  if (size > most) throw wrongArchive(path, `${name} has ${size} bytes, and there is room for ${most}`);
  const args = ['--extract', ...TAR, '--file', path, '--directory', folder, '--no-wildcards', '--', member];
  await tar(args, path, { signal, fileSize: most });
  const written = join(folder, name);
  await chmod(written, 0o600);
  if (!(await stat(written)).isFile()) throw wrongArchive(path, `${name} is not a file`);
  return written;
};

const tar = (args: readonly string[], where: string, limits: { signal?: AbortSignal | undefined; fileSize?: number }) =>
  run('tar', args, { memory: TAR_MEMORY, ...limits }).catch((cause: unknown) => {
    if (!(cause instanceof IngotError) || cause.code !== 'host.command-failed') throw cause;
    throw new IngotError('origin.image-archive', 'the archive cannot be read', {
      where,
      detail: cause.detail,
      hint: 'Is it whole? Fetch it again, and compare it with the publisher’s sums.',
      cause,
    });
  });

const namesOf = (entries: readonly Entry[]): string =>
  entries
    .slice(0, 10)
    .map(({ name }) => name)
    .join(', ') || 'nothing';

const wrongArchive = (where: string, what: string): IngotError =>
  new IngotError('origin.image-archive', `the archive cannot be used: ${what}`, {
    where,
    hint: 'An archive has one disk in its root, an OVA has one .ovf and the disk that it names. Take the disk out with tar(1), and name that.',
  });
