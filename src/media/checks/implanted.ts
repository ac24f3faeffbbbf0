/** The sums that stand in the volume descriptor itself, which mastering blanks: made anew as far as that is possible. */
import { implantIsoMd5, readIsoMd5 } from './isomd5.ts';
import { readSuseTag, renewSuseTag } from './suse-tag.ts';

/** Gives `result` what `original` has. Returns what could not be made again, for the one who asked for the medium. */
export const renewImplanted = async (
  original: string,
  result: string,
  signal?: AbortSignal,
): Promise<string | undefined> => {
  const sum = await readIsoMd5(original);
  if (sum !== undefined) await implantIsoMd5(result, sum.isSupported, signal);
  const tag = await readSuseTag(original);
  if (tag === undefined) return undefined;
  await renewSuseTag(result, tag, signal);
  if (tag.signature === undefined) return undefined;
  return "the digest that SUSE's medium check tests is renewed; its signature cannot be made again, and is left out";
};
