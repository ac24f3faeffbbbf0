/** Each kind of seal check, answered from outside on a captured disk: what is wrong, in words, or nothing. */
import { stat } from 'node:fs/promises';
import type { SealCheck } from '../guest/seal/unit.ts';
import { filesBelow, glob } from './glob.ts';
import type { GuestFiles } from './guest-files.ts';
import { globInHomes } from './homes.ts';
import { dirtySwap } from './swap.ts';

/** Blocks that file systems keep for themselves and write once: journals, inode tables, bitmaps; and rounding. */
const SLACK = { share: 0.08, bytes: 48 * 2 ** 20 };

export const checkSeal = async (check: SealCheck, files: GuestFiles): Promise<string[]> => {
  switch (check.kind) {
    case 'absent':
      return (await globInHomes(files, check.path)).map((path) => `${path} is there`);
    case 'empty': {
      const found = await files.find(check.path);
      if (found === undefined) return [`${check.path} is missing; it has to be an empty file`];
      if (found.entry.type !== 'file') return [`${check.path} is not a file`];
      return found.entry.size === 0 ? [] : [`${check.path} is not empty`];
    }
    case 'empty-below':
      return (await filesBelow(files, check.path))
        .filter(({ size }) => size > 0)
        .map(({ path, size }) => `${path} has ${size} bytes`);
    case 'link': {
      const target = await files.link(check.path);
      if (target === check.target) return [];
      if (target !== undefined) return [`${check.path} leads to ${target}, not to ${check.target}`];
      if (await files.find(check.path)) return [`${check.path} is not a link to ${check.target}`];
      return check.optional ? [] : [`${check.path} is missing`];
    }
    case 'no-line':
      return linesThatMatch(check, files);
    case 'present': {
      if ((await files.find(check.when)) === undefined) return [];
      const there = await Promise.all(check.paths.map((path) => glob(files, path)));
      return there.flat().length > 0 ? [] : [`none of ${check.paths.join(', ')} is there: ${check.meaning}`];
    }
    case 'trimmed':
      return checkTrimmed(files);
    case 'blank-swap':
      return dirtySwap(files);
  }
};

const linesThatMatch = async (
  { path: pattern, pattern: line, meaning }: Extract<SealCheck, { kind: 'no-line' }>,
  files: GuestFiles,
): Promise<string[]> => {
  const wrong = (await glob(files, pattern)).map(async (path) => {
    const text = await files.text(path);
    const index = text?.split('\n').findIndex((one) => line.test(one)) ?? -1;
    return index === -1 ? [] : [`${path}:${index + 1}: ${meaning}`];
  });
  return (await Promise.all(wrong)).flat();
};

const checkTrimmed = async (files: GuestFiles): Promise<string[]> => {
  const headers = await Promise.all(files.mounts.map(({ ext4 }) => ext4?.header()));
  const used = headers.reduce((sum, one) => sum + (one ? (one.blocks - one.freeBlocks) * one.blockSize : 0), 0);
  const onDisk = (await stat(files.image)).blocks * 512;
  const most = used * (1 + SLACK.share) + SLACK.bytes;
  if (onDisk <= most) return [];
  return [`the disk holds ${inMiB(onDisk)} MiB of data, its file systems only ${inMiB(used)} MiB: freed blocks remain`];
};

const inMiB = (bytes: number): number => Math.round(bytes / 2 ** 20);
