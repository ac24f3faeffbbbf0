/** Whether an image is as small as was asked for; if not, by how much, what takes the room, and what would save some. */
import { counted } from '../counted.ts';
import { IngotError } from '../errors.ts';
import { inMiB } from '../host/files.ts';
import type { SizeReason } from './size.ts';

const MEASURES = ['image', 'packages', 'installed'] as const;
type Measure = (typeof MEASURES)[number];

/** Bytes; for packages their number. What is not set is not checked. */
export type Budget = { readonly [measure in Measure]?: number | undefined };

export type Measured = { readonly [measure in Measure]: number };

/** What a strip would save in an image: roughly, and by itself, since two strips may concern the same files. */
export interface Saving {
  readonly strip: string;
  /** Bytes. */
  readonly size: number;
  /** Packages that would go; none where only files go. */
  readonly packages: readonly string[];
}

interface Reasons {
  /** The largest first. */
  readonly reasons: readonly SizeReason[];
  /** Of strips that were not done. */
  readonly savings: readonly Saving[];
}

/** The limits that are set; undefined where none is. */
export const saidOf = (budget: Budget): { readonly [measure: string]: number } | undefined => {
  const said = MEASURES.flatMap((measure) => {
    const most = budget[measure];
    return most === undefined ? [] : [[measure, most] as const];
  });
  return said.length === 0 ? undefined : Object.fromEntries(said);
};

/** How it is kept, in a line. Throws `capture.over-budget`. */
export const keptBudget = (budget: Budget, measured: Measured, { reasons, savings }: Reasons): string => {
  const judged = MEASURES.flatMap((measure) => {
    const most = budget[measure];
    return most === undefined ? [] : [{ measure, most, is: measured[measure] }];
  });
  const over = judged.filter(({ most, is }) => is > most);
  const told = (measure: Measure, value: number) => (measure === 'packages' ? String(value) : inMiB(value));
  if (over.length === 0)
    return judged
      .map(({ measure, most, is }) => `${measure} ${told(measure, is)} of ${told(measure, most)}`)
      .join(', ');
  const best = savings.toSorted((one, other) => other.size - one.size);
  throw new IngotError(
    'capture.over-budget',
    `the image is larger than slim.budget allows: ${over.map(({ measure }) => measure).join(', ')}`,
    {
      where: 'slim.budget',
      detail: [
        ...over.map(
          ({ measure, most, is }) =>
            `${measure}: ${told(measure, is)}, allowed are ${told(measure, most)}: ${told(measure, is - most)} too much`,
        ),
        'what takes most:',
        ...reasons.slice(0, MOST).map(({ reason, size }) => `  ${inMiB(size).padStart(8)}  ${reason}`),
        ...(best.length === 0 ? [] : ['what a strip would save, each by itself:', ...best.map(savingLine)]),
      ].join('\n'),
      hint:
        best[0] === undefined
          ? 'Take something out (slim.remove, fewer answers.packages), or allow more.'
          : `\`slim: {strip: [${best[0].strip}]}\` saves most; docs/slim.md says what each strip breaks. Or take something out, or allow more.`,
    },
  );
};

const MOST = 10;

const savingLine = ({ strip, size, packages }: Saving): string => {
  const names = packages.length > 0 ? `: ${counted(packages.length, 'package')}` : '';
  return `  ${inMiB(size).padStart(8)}  ${strip}${names}`;
};
