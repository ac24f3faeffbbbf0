/** Swap of a captured system, partitions and files: what of it is not blank. */
import { open } from 'node:fs/promises';
import { parseFstab } from './fstab.ts';
import { glob } from './glob.ts';
import type { GuestFiles } from './guest-files.ts';

/** The header of a swap area is its first page; its signature ends at byte 4096 (mkswap(8)). */
const HEADER = 4096;
const SIGNATURE = 'SWAPSPACE2';

/** A part of a swap area, bytes: where it is in the area and on the disk. */
interface Run {
  readonly at: number;
  readonly offset: number;
  readonly length: number;
}

export const dirtySwap = async (files: GuestFiles): Promise<string[]> => {
  await using handle = await open(files.image, 'r');
  const firstData = async (runs: readonly Run[]): Promise<number | undefined> => {
    const buffer = Buffer.alloc(1 << 20);
    for (const { at, offset, length } of runs) {
      for (let done = Math.max(0, HEADER - at); done < length; done += buffer.length) {
        const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - done), offset + done);
        if (!buffer.subarray(0, bytesRead).every((byte) => byte === 0)) return at + done;
      }
    }
    return undefined;
  };
  const wrong: string[] = [];
  for (const { number, content, start, size } of files.table.partitions) {
    const found = content === 'swap' ? await firstData([{ at: 0, offset: start, length: size }]) : undefined;
    if (found !== undefined) wrong.push(`swap on partition ${number} holds data at ${found}`);
  }
  for (const path of await swapFiles(files)) {
    const runs = await runsOf(files, path);
    const found = runs && (await firstData(runs));
    if (runs === undefined) wrong.push(`the swap file ${path} cannot be read`);
    else if (found !== undefined) wrong.push(`the swap file ${path} holds data at ${found}`);
  }
  return wrong;
};

/** Those that the system names, and files with the usual names. */
const swapFiles = async (files: GuestFiles): Promise<string[]> => {
  const fstab = parseFstab((await files.text('/etc/fstab')) ?? '');
  const named = fstab.filter(({ type }) => type === 'swap').map(({ device }) => device);
  const units = await Promise.all(
    (await glob(files, '/etc/systemd/system/*.swap')).map(async (unit) => {
      const what = /^What=(\S+)/m.exec((await files.text(unit)) ?? '')?.[1];
      return what === undefined ? [] : [what];
    }),
  );
  const usual = ['/swapfile', '/swap.img', '/swap', '/swap/swapfile', '/var/swap'];
  const found: string[] = [];
  for (const path of new Set([...named, ...units.flat(), ...usual])) {
    if (!path.startsWith('/') || path.startsWith('/dev/')) continue;
    const there = await files.find(path);
    const isMeant = named.includes(path) || units.flat().includes(path) || (await hasSignature(files, path));
    if (there?.entry.type === 'file' && isMeant) found.push(path);
  }
  return found;
};

const hasSignature = async (files: GuestFiles, path: string): Promise<boolean> => {
  const place = HEADER - SIGNATURE.length;
  const holds = ({ at, length }: Run) => at <= place && place + SIGNATURE.length <= at + length;
  const run = (await runsOf(files, path))?.find(holds);
  if (!run) return false;
  await using handle = await open(files.image, 'r');
  const { buffer } = await handle.read(
    Buffer.alloc(SIGNATURE.length),
    0,
    SIGNATURE.length,
    run.offset + place - run.at,
  );
  return buffer.toString('latin1') === SIGNATURE;
};

/** Undefined where the file system does not tell. */
const runsOf = async (files: GuestFiles, path: string): Promise<readonly Run[] | undefined> => {
  const place = await files.place(path);
  const runs = await place?.mount.ext4?.runs(place.inner);
  return runs?.map(({ at, offset, length }) => ({ at, offset: offset + (place?.mount.partition.start ?? 0), length }));
};
