/** An EFI system partition again: mkfs.fat and mtools with a fixed serial number, sorted files, one time for all. */
import { writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { temporaryFolder } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import type { FileSystem } from '../file-system.ts';

export interface FatTarget {
  readonly path: string;
  /** Bytes of the disk. */
  readonly start: number;
  readonly size: number;
  readonly serial: number;
  /** Seconds since the epoch. */
  readonly time: number;
  /** The first sector of the old one. */
  readonly bootSector: Buffer;
}

const SECTOR = 512;

/** `renew`: what becomes of a file's content. */
export const writeFat = async (
  files: FileSystem,
  target: FatTarget,
  renew: (content: Buffer) => Buffer,
  signal?: AbortSignal,
): Promise<void> => {
  const { path, start, size, serial, time, bootSector } = target;
  const bits =
    bootSector.toString('latin1', 82, 87) === 'FAT32'
      ? 32
      : bootSector.toString('latin1', 54, 59) === 'FAT12'
        ? 12
        : 16;
  const label = bootSector.toString('latin1', bits === 32 ? 71 : 43, bits === 32 ? 82 : 54).trimEnd();
  const env = { SOURCE_DATE_EPOCH: String(time), MTOOLS_SKIP_CHECK: '1', TZ: 'UTC' };
  const named = label === '' || label === 'NO NAME' ? [] : ['-n', label];
  await run(
    'mkfs.fat',
    [
      ...['--invariant', '-i', (serial >>> 0).toString(16).padStart(8, '0'), ...named],
      ...['-F', String(bits), '-s', String(bootSector.readUInt8(13)), '-S', String(bootSector.readUInt16LE(11))],
      ...[`--offset=${start / SECTOR}`, path, String(size / 1024)],
    ],
    { env, signal, hint: 'mkfs.fat is in the package dosfstools.' },
  );
  const drive = `${path}@@${start}`;
  await using folder = await temporaryFolder('ingot-fat-');
  const put = async (inside: string): Promise<void> => {
    const entries = (await files.list(inside)) ?? [];
    for (const { name, type } of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
      const place = posix.join(inside, name);
      if (type === 'folder') {
        await run('mmd', ['-i', drive, `::${place}`], { env, signal });
        await put(place);
        continue;
      }
      const copy = join(folder.path, 'file');
      await writeFile(copy, renew(await files.read(place)));
      await run('mcopy', ['-o', '-i', drive, copy, `::${place}`], { env, signal });
    }
  };
  await put('/');
};
