/** Whether one image is another one made again: the packages, then every file with what stat(2) shows, then the bits. */
import type { Judged, Judgement, Verdict } from '../judgement.ts';
import type { CausedChange } from './diff.ts';
import { type Difference, difference } from './diff.ts';
import { differentBits } from './disk-bits.ts';
import type { Subject } from './subject.ts';

/** An image of each side in one format. */
export interface ImagePair {
  readonly format: string;
  readonly file: string;
  /** SHA-256 of the file as it lies there; undefined where a side has none of this format. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Where the files of one of them cannot be read: images with the same bits have the same files, of others nothing is known. */
export const unreadable = (why: string, images: readonly ImagePair[]): Judgement[] => {
  const { judged } = wholeImages(images);
  const verdict = judged.verdict === 'holds' ? 'holds' : 'unjudged';
  const facts = [why, ...(verdict === 'holds' ? ['the bits are the same'] : [])];
  return [judgement('packages', facts, [], verdict), judgement('files', facts, [], verdict), judged];
};

/** One after the other: what is the same on a later level is so on the ones before. */
export const reproduction = async (
  before: Subject,
  after: Subject,
  images: readonly ImagePair[],
  signal?: AbortSignal,
): Promise<Judgement[]> => {
  const found = await difference(before, after, signal);
  return [packagesOf(found), filesOf(found, after), await bitsOf(before, after, images, signal)];
};

const judgement = (check: string, facts: readonly string[], found: readonly Judged[], verdict: Verdict): Judgement => ({
  check,
  verdict,
  facts,
  found,
});

const packagesOf = ({ packages }: Difference): Judgement => {
  if (packages === undefined)
    return judgement('packages', ['the package database of one of them cannot be read'], [], 'unjudged');
  const { added, removed, changed } = packages;
  const found = [
    ...added.map(({ name, version }) => ({ name, message: `${name} ${version} is only in the one made again` })),
    ...removed.map(({ name, version }) => ({ name, message: `${name} ${version} is missing in the one made again` })),
    ...changed.map(({ name, before, after }) => ({ name, message: `${name} was ${before} and is ${after}` })),
  ].map(({ name, message }): Judged => ({ rule: 'reproduce/package', verdict: 'fails', message, where: name }));
  const facts = [found.length === 0 ? 'the same packages in the same versions' : `${found.length} differ`];
  return judgement('packages', facts, found, found.length === 0 ? 'holds' : 'fails');
};

const filesOf = ({ files }: Difference, { tree }: Subject): Judgement => {
  const found = files.map(
    (file): Judged => ({
      rule: 'reproduce/file',
      verdict: 'fails',
      message: `${file.change}${file.what.length === 0 ? '' : `: ${file.what.join(', ')}`} (${causeText(file)})`,
      where: file.path,
    }),
  );
  const facts =
    found.length === 0
      ? [`${tree.size} files: type, content, mode, owner, link, attributes`]
      : [`${found.length} of ${tree.size} files differ`];
  return judgement('files', facts, found, found.length === 0 ? 'holds' : 'fails');
};

const causeText = ({ cause }: CausedChange): string => {
  if (cause.kind === 'generated') return `made by ${cause.reason}`;
  if (cause.kind === 'unknown') return 'of no package';
  return 'package' in cause && cause.package !== undefined ? `${cause.kind} of ${cause.package}` : cause.kind;
};

interface Whole {
  readonly judged: Judgement;
  readonly differing: readonly ImagePair[];
}

const wholeImages = (images: readonly ImagePair[]): Whole => {
  const paired = images.filter(({ before, after }) => before !== undefined && after !== undefined);
  if (paired.length === 0)
    return { judged: judgement('bits', ['they have no format in common'], [], 'unjudged'), differing: [] };
  const differing = paired.filter(({ before, after }) => before !== after);
  const facts = paired
    .filter((pair) => !differing.includes(pair))
    .map(({ format, before }) => `${format} is the same, sha256 ${before}`);
  const found = differing.map(
    ({ format, file, before, after }): Judged => ({
      rule: 'reproduce/image',
      verdict: 'fails',
      message: `${format}: ${before} and ${after}`,
      where: file,
      hint: '`capture: {reproducible: true}` makes the same bits of the same files; docs/reproducible.md.',
    }),
  );
  return { judged: judgement('bits', facts, found, found.length === 0 ? 'holds' : 'fails'), differing };
};

/** Where images differ, so does the disk in them, or only what its format adds. */
const bitsOf = async (
  before: Subject,
  after: Subject,
  images: readonly ImagePair[],
  signal?: AbortSignal,
): Promise<Judgement> => {
  const { judged, differing } = wholeImages(images);
  if (differing.length === 0) return judged;
  const { count, examples } = await differentBits(before.disk, after.disk, before.files.table.partitions, signal);
  const blocks = examples.map(
    ({ offset, where, file }): Judged => ({
      rule: 'reproduce/block',
      verdict: 'fails',
      message: `differs from byte ${offset} of the disk on`,
      where: file === undefined ? where : `${where}: ${file}`,
    }),
  );
  const said =
    count === 0 ? 'the disk is the same, but not the format around it' : `${count} blocks of 4 KiB of the disk differ`;
  return { ...judged, facts: [...judged.facts, said], found: [...judged.found, ...blocks] };
};
