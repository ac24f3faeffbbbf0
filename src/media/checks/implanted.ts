/** The sums that stand in the volume descriptor itself, which mastering blanks: made anew as far as that is possible. */
import { openMedium } from '../iso/iso9660.ts';
import { formatIsoMd5, isoMd5Sum, readIsoMd5 } from './isomd5.ts';
import { formatSuseTag, readSuseTag, suseTagSum } from './suse-tag.ts';
import type { PassingSum } from './whole-medium.ts';

export interface Renewal {
  /** Gives what the area has to hold. */
  readonly sum: PassingSum<string>;
  /** What could not be made again, for the one who asked for the medium. */
  readonly lost?: string;
}

/** For `result`, as it is now but for its bulk, what `original` has. */
export const renewalOf = async (original: string, result: string): Promise<Renewal | undefined> => {
  await using file = await openMedium(result);
  const tag = await readSuseTag(original);
  if (tag !== undefined) {
    const { see, result: tagOf } = await suseTagSum(file, tag);
    const sum = { see, result: () => formatSuseTag(tagOf()) };
    return tag.signature === undefined ? { sum } : { sum, lost: LOST_SIGNATURE };
  }
  const implanted = await readIsoMd5(original);
  if (implanted === undefined) return undefined;
  const { see, result: sumsOf } = await isoMd5Sum(file, implanted.isSupported);
  return { sum: { see, result: () => formatIsoMd5(sumsOf()) } };
};

const LOST_SIGNATURE =
  "the digest that SUSE's medium check tests is renewed; its signature cannot be made again, and is left out";
