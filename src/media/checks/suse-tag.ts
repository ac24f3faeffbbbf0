/**
 * The tag that SUSE's media carry in the application-use area, for `checkmedia` and linuxrc's media check: a digest of
 * the medium, and where its signature lies. As README.adoc of openSUSE/checkmedia describes it.
 */
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { BLOCK_SIZE, openMedium } from '../iso/iso9660.ts';
import {
  type PassingSum,
  readApplicationUse,
  statedSize,
  sumOfFile,
  withBlankArea,
  withContentAt,
} from './whole-medium.ts';

const DIGESTS = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

export interface SuseTag {
  readonly algorithm: (typeof DIGESTS)[number];
  readonly sum: string;
  /** Blocks at the end that count as zeros. */
  readonly pad: number;
  /** Where the signature lies, in blocks of 512 bytes. */
  readonly signature: number | undefined;
}

export const parseSuseTag = (area: string): SuseTag | undefined => {
  const fields = new Map(area.split(';').map((field) => [field.split('=')[0]?.trim().toLowerCase(), field] as const));
  const textOf = (key: string): string | undefined => fields.get(key)?.split('=')[1]?.trim();
  const algorithm = DIGESTS.find((name) => fields.has(`${name}sum`));
  const sum = algorithm && textOf(`${algorithm}sum`);
  if (algorithm === undefined || sum === undefined || !/^[0-9a-f]+$/.test(sum)) return undefined;
  const signature = textOf('signature');
  return {
    algorithm,
    sum,
    pad: Number(textOf('pad') ?? 0),
    signature: signature === undefined ? undefined : Number(signature),
  };
};

export interface SuseTagCheck {
  readonly tag: SuseTag;
  readonly computed: string;
  readonly holds: boolean;
}

export const checkSuseTag = async (iso: string, signal?: AbortSignal): Promise<SuseTagCheck | undefined> => {
  await using file = await openMedium(iso);
  const tag = parseSuseTag(await readApplicationUse(file));
  if (tag === undefined) return undefined;
  const size = await statedSize(file);
  return await sumOfFile(file, size, suseTagCheck(size, tag), signal);
};

/** The same of bytes that go by; `size` is the volume's. */
export const suseTagCheck = (size: number, tag: SuseTag): PassingSum<SuseTagCheck> => {
  const { see, result } = digestOf(size, tag);
  return {
    see,
    result: () => {
      const computed = result();
      return { tag, computed, holds: computed === tag.sum };
    },
  };
};

/**
 * A tag of the same shape with a new digest. The signature is left out: it takes SUSE's key. Whatever else the area held
 * (a digest of one partition) goes.
 */
export const suseTagSum = async (file: FileHandle, old: SuseTag): Promise<PassingSum<SuseTag>> => {
  const tag = { ...old, signature: undefined };
  const { see, result } = digestOf(await statedSize(file), tag);
  return { see, result: () => ({ ...tag, sum: result() }) };
};

export const formatSuseTag = ({ algorithm, sum, pad }: SuseTag): string =>
  [...(pad > 0 ? [`pad=${pad}`] : []), `${algorithm}sum=${sum}`].join(';');

const MBR = Buffer.alloc(512);
const MAGIC = '7984fc91-a43f-4e45-bf27-6d3aa08b24cf\n';

/** The MBR and the padding count as zeros, the signature's block as one without a signature. */
const digestOf = (total: number, tag: SuseTag): PassingSum<string> => {
  const padFrom = Math.max(0, total - tag.pad * BLOCK_SIZE);
  const unsigned = Buffer.alloc(BLOCK_SIZE);
  unsigned.write(MAGIC, 0, 'latin1');
  const hash = createHash(tag.algorithm);
  return {
    see(seen) {
      let piece = withContentAt(withBlankArea(seen), 0, MBR);
      if (tag.signature !== undefined) piece = withContentAt(piece, tag.signature * 512, unsigned);
      const { at } = piece;
      let bytes = piece.bytes.subarray(0, Math.max(0, total - at));
      // A medium may state any length.
      if (at + bytes.length > padFrom) bytes = Buffer.from(bytes).fill(0, Math.max(0, padFrom - at));
      hash.update(bytes);
    },
    result: () => hash.digest('hex'),
  };
};
