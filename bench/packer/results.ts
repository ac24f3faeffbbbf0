/** Raw results: a file with an object a line, so that a run that was cut off goes on where it was. */
import { appendFile, readFile } from 'node:fs/promises';

export const TOOLS = ['ingot', 'packer-plain', 'packer-tuned'] as const;
export type Tool = (typeof TOOLS)[number];

export const PARTS = ['cold', 'rebuild', 'changed', 'remaster', 'help'] as const;
export type Part = (typeof PARTS)[number];

/** Numbers by name: seconds, bytes, or a share of one. */
export type Figures = Readonly<Record<string, number>>;

export interface Sample<P extends string = Part, T extends string = Tool> {
  readonly part: P;
  readonly tool: T;
  readonly round: number;
  /** ISO 8601. */
  readonly at: string;
  readonly figures: Figures;
}

export interface Results<P extends string = Part, T extends string = Tool> {
  readonly samples: readonly Sample<P, T>[];
  has(part: P, tool: T, round: number): boolean;
  add(part: P, tool: T, round: number, figures: Figures): Promise<void>;
}

export const openResults = async <P extends string = Part, T extends string = Tool>(
  path: string,
): Promise<Results<P, T>> => {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  const samples = lines.map((line): Sample<P, T> => JSON.parse(line));
  return {
    samples,
    has: (part, tool, round) =>
      samples.some((sample) => sample.part === part && sample.tool === tool && sample.round === round),
    async add(part, tool, round, figures) {
      const sample = { part, tool, round, at: new Date().toISOString(), figures };
      await appendFile(path, `${JSON.stringify(sample)}\n`);
      samples.push(sample);
    },
  };
};

export const median = (numbers: readonly number[]): number | undefined => {
  const ordered = numbers.toSorted((a, b) => a - b);
  const middle = ordered.length / 2;
  if (ordered.length === 0) return undefined;
  const [low, high] = [ordered[Math.ceil(middle) - 1], ordered[Math.floor(middle)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
};

/** The median of one figure over all rounds; undefined when it was not measured. */
export const figure = <P extends string, T extends string>(
  samples: readonly Sample<P, T>[],
  part: P,
  tool: T,
  name: string,
): number | undefined =>
  median(
    samples
      .filter((sample) => sample.part === part && sample.tool === tool)
      .map((sample) => sample.figures[name])
      .filter((value) => value !== undefined),
  );
