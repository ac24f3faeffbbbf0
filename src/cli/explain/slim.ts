/** What `slim` would do, for `ingot explain`: estimated from the image of an earlier build where the store has one. */
import { z } from 'zod';
import { openSubject } from '../../distributions/open-subject.ts';
import { IngotError } from '../../errors.ts';
import type { Saving } from '../../inspect/budget.ts';
import type { Store } from '../../pipeline/store.ts';
import type { Recipe, Slim } from '../../recipe/schema.ts';
import { age, bytes } from '../../ui/format.ts';
import { earlierCapture } from './earlier.ts';

/** As the recipe has it, with the estimate. */
export interface ExplainedSlim extends Slim {
  /** Absent where the store has no image of this name. */
  readonly estimate?: Estimate;
}

/** `made`: when the image was that it is of. */
type Estimate =
  /** Each by itself, the largest first. What was stripped already saves nothing more. */
  | { readonly made: number; readonly savings: readonly EstimatedSaving[] }
  /** Why the image cannot be read. */
  | { readonly made: number; readonly unknown: string };

interface EstimatedSaving extends Saving {
  readonly isInRecipe: boolean;
}

const captured = z.object({ images: z.array(z.object({ file: z.object({ path: z.string() }) })).min(1) });

/** Undefined for a recipe without `slim`. */
export const slimOf = async (
  store: Store,
  { name, slim }: Pick<Recipe, 'name' | 'slim'>,
  signal: AbortSignal,
): Promise<ExplainedSlim | undefined> => {
  if (saidText(slim) === '') return undefined;
  const earlier = await earlierCapture(store, name, captured);
  const path = earlier?.captured.images[0]?.file.path;
  if (earlier === undefined || path === undefined) return slim;
  return { ...slim, estimate: { made: earlier.made, ...(await savingsIn(path, slim, signal)) } };
};

/** When an image cannot be read, the rest is still explained. */
const savingsIn = async (path: string, { strip: chosen }: Slim, signal: AbortSignal) => {
  try {
    await using subject = await openSubject(path, signal);
    const savings = (await subject.savings()).toSorted((one, other) => other.size - one.size);
    return { savings: savings.map((one) => ({ ...one, isInRecipe: chosen.some((strip) => strip === one.strip) })) };
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'interrupted') throw error;
    return { unknown: error.message };
  }
};

export const slimText = ({ estimate, ...slim }: ExplainedSlim): string =>
  `slim             ${saidText(slim)}\n${estimate === undefined ? '' : estimateText(estimate)}`;

const saidText = ({ remove, strip, budget }: Slim): string =>
  [
    remove.length === 0 ? '' : `removes ${remove.join(', ')}`,
    strip.length === 0 ? '' : `strips ${strip.join(', ')}`,
    Object.keys(budget).length === 0 ? '' : `has a budget for ${Object.keys(budget).join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join('; ');

const estimateText = (estimate: Estimate): string => {
  const when = age(Date.now() - estimate.made);
  if ('unknown' in estimate)
    return `    what it would save is not known: the image made ${when} cannot be read (${estimate.unknown})\n`;
  const { savings } = estimate;
  if (savings.length === 0) return `    nothing is left to strip from the image made ${when}\n`;
  const lines = savings.map(
    ({ strip, size, isInRecipe }) =>
      `    ${bytes(size).padStart(7)}  ${strip}${isInRecipe ? '' : ' (not in the recipe)'}\n`,
  );
  return `    strips would save in the image made ${when}, each by itself:\n${lines.join('')}`;
};
