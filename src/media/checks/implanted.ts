/** The sums that stand in the volume descriptor itself, which mastering blanks: made again as far as that is possible. */
import { openMedium } from '../iso/iso9660.ts';
import { formatIsoMd5, isoMd5Check, isoMd5Sum, parseIsoMd5 } from './isomd5.ts';
import { formatSuseTag, parseSuseTag, suseTagCheck, suseTagSum } from './suse-tag.ts';
import { type PassingSum, readApplicationUse, statedSize } from './whole-medium.ts';

export interface Renewal {
  /** Gives what the area has to hold, of the bytes of the result. */
  readonly sum: PassingSum<string>;
  /** From the bytes of the original: what its area holds, if that is wrong. */
  readonly wrong: PassingSum<string | undefined>;
  /** What could not be made again, for the user. */
  readonly lost?: string;
}

/** What `original` has, for `result` as it is now, before its bulk is copied. */
export const renewalOf = async (original: string, result: string): Promise<Renewal | undefined> => {
  await using before = await openMedium(original);
  await using file = await openMedium(result);
  const area = await readApplicationUse(before);
  const tag = parseSuseTag(area);
  if (tag !== undefined) {
    const { see, result: tagOf } = await suseTagSum(file, tag);
    const was = suseTagCheck(await statedSize(before), tag);
    const wrong = { see: was.see, result: () => (was.result().holds ? undefined : area) };
    const sum = { see, result: () => formatSuseTag(tagOf()) };
    return tag.signature === undefined ? { sum, wrong } : { sum, wrong, lost: LOST_SIGNATURE };
  }
  const implanted = parseIsoMd5(area);
  if (implanted === undefined) return undefined;
  const { see, result: sumsOf } = await isoMd5Sum(file, implanted.isSupported);
  const was = isoMd5Check(await statedSize(before), implanted);
  const wrong = { see: was.see, result: () => (was.result().holds ? undefined : area) };
  return { sum: { see, result: () => formatIsoMd5(sumsOf()) }, wrong };
};

const LOST_SIGNATURE =
  "the digest that SUSE's medium check tests is renewed; its signature cannot be made again, and is left out";
