/**
 * The sum that media of the RHEL family carry in themselves (isomd5sum): in the application-use area of the primary
 * volume descriptor (ECMA-119, 8.4.32) stands the MD5 of the medium without that area and without its last sectors,
 * and short sums on the way, so that a check can stop early. Anaconda's `rd.live.check` refuses a medium without it.
 */
import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { IngotError } from '../../errors.ts';
import { BLOCK_SIZE, openMedium } from '../iso/iso9660.ts';
import {
  APPLICATION_USE,
  type PassingSum,
  readApplicationUse,
  statedSize,
  sumOfFile,
  withBlankArea,
} from './whole-medium.ts';

const SKIPPED_SECTORS = 15;
const FRAGMENTS = 20;
const FRAGMENT_LENGTH = 3;
/** implantisomd5 reads this much at a time and looks for a new fragment after each piece: it is part of the format. */
const PIECE = 32 * 1024;

export interface IsoMd5 {
  readonly md5: string;
  /** Sectors at the end that the sum leaves out. */
  readonly skipped: number;
  /** Set for pressed media, for which Anaconda offers no check. */
  readonly isSupported: boolean;
  readonly fragmentSums: string;
  readonly fragments: number;
}

/** What is implanted; undefined when there is nothing, or not enough of it for checkisomd5. */
export const parseIsoMd5 = (area: string): IsoMd5 | undefined => {
  const md5 = /ISO MD5SUM = ([0-9a-f]{32})/.exec(area)?.[1];
  const skipped = /SKIPSECTORS = (\d+)/.exec(area)?.[1];
  if (md5 === undefined || skipped === undefined) return undefined;
  return {
    md5,
    skipped: Number(skipped),
    isSupported: /RHLISOSTATUS=1/.test(area),
    fragmentSums: /FRAGMENT SUMS = ([0-9a-f]*)/.exec(area)?.[1] ?? '',
    fragments: Number(/FRAGMENT COUNT = (\d+)/.exec(area)?.[1] ?? FRAGMENTS),
  };
};

/** As implantisomd5 writes it, with the blanks after. */
export const formatIsoMd5 = ({ md5, skipped, isSupported, fragmentSums, fragments }: IsoMd5): string =>
  [
    `ISO MD5SUM = ${md5}`,
    `SKIPSECTORS = ${skipped}`,
    `RHLISOSTATUS=${isSupported ? 1 : 0}`,
    `FRAGMENT SUMS = ${fragmentSums}`,
    `FRAGMENT COUNT = ${fragments}`,
    'THIS IS NOT THE SAME AS RUNNING MD5SUM ON THIS ISO!!',
  ]
    .join(';')
    .padEnd(APPLICATION_USE.length, ' ');

export interface IsoMd5Check {
  readonly implanted: IsoMd5;
  readonly computed: Pick<IsoMd5, 'md5' | 'fragmentSums'>;
  readonly holds: boolean;
}

/** Reads the whole medium, unless nothing is implanted. */
export const checkIsoMd5 = async (iso: string, signal?: AbortSignal): Promise<IsoMd5Check | undefined> => {
  await using file = await openMedium(iso);
  const implanted = parseIsoMd5(await readApplicationUse(file));
  if (implanted === undefined) return undefined;
  const size = await statedSize(file);
  return await sumOfFile(file, size, isoMd5Check(size, implanted), signal);
};

/** The same of bytes that go by; `size` is the volume's. */
export const isoMd5Check = (size: number, implanted: IsoMd5): PassingSum<IsoMd5Check> => {
  const { see, result } = passingSum(size, implanted);
  return {
    see,
    result: () => {
      const computed = result();
      const holds = computed.md5 === implanted.md5 && computed.fragmentSums.startsWith(implanted.fragmentSums);
      return { implanted, computed, holds };
    },
  };
};

/** What implantisomd5 would implant. Throws `media.too-small` for a medium that no sum fits. */
export const isoMd5Sum = async (file: FileHandle, isSupported: boolean): Promise<PassingSum<IsoMd5>> => {
  const shape = { skipped: SKIPPED_SECTORS, fragments: FRAGMENTS };
  const { see, result } = passingSum(await statedSize(file), shape);
  return { see, result: () => ({ ...shape, isSupported, ...result() }) };
};

/** `size` is the volume's, in bytes. */
const passingSum = (
  size: number,
  { skipped, fragments }: Pick<IsoMd5, 'skipped' | 'fragments'>,
): PassingSum<Pick<IsoMd5, 'md5' | 'fragmentSums'>> => {
  const total = size - skipped * BLOCK_SIZE;
  const fragmentSize = Math.floor(total / (fragments + 1));
  if (fragmentSize <= 0)
    throw new IngotError('media.too-small', 'the medium is too small for an implanted sum', {
      hint: 'The sum that it carries cannot belong to it. Is it whole? Its publisher states its SHA-256.',
    });
  const hash = createHash('md5');
  let fragment = 0;
  let fragmentSums = '';
  return {
    see(piece) {
      const { bytes, at } = withBlankArea(piece);
      const length = Math.min(bytes.length, total - at);
      for (let done = 0; done < length; ) {
        const begin = Math.floor((at + done) / PIECE) * PIECE;
        const end = Math.min(begin + PIECE - at, length);
        hash.update(bytes.subarray(done, end));
        done = end;
        if (at + done < Math.min(begin + PIECE, total)) continue;
        const current = Math.floor(begin / fragmentSize);
        if (current !== fragment) fragmentSums += fragmentSum(hash);
        fragment = current;
      }
    },
    result: () => ({ md5: hash.digest('hex'), fragmentSums }),
  };
};

/** The first digit of each of the first bytes, where a leading zero is not written. */
const fragmentSum = (hash: Hash): string =>
  [...hash.copy().digest().subarray(0, FRAGMENT_LENGTH)].map((byte) => byte.toString(16).charAt(0)).join('');
