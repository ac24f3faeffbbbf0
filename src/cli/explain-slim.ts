/** What `slim` would do, for `ingot explain`: estimated from the image of an earlier build where the store has one. */
import { z } from 'zod';
import { openSubject } from '../distributions/open-subject.ts';
import { IngotError } from '../errors.ts';
import type { Store } from '../pipeline/store.ts';
import type { Recipe, Slim } from '../recipe/schema.ts';
import { age, bytes } from '../ui/format.ts';

/** Empty for a recipe without `slim`. */
export const slimText = async (store: Store, { name, slim }: Recipe, signal: AbortSignal): Promise<string> => {
  const said = saidText(slim);
  if (said === '') return '';
  const earlier = await earlierImage(store, name);
  return `slim             ${said}\n${earlier === undefined ? '' : await estimateText(earlier, slim, signal)}`;
};

const saidText = ({ remove, strip, budget }: Slim): string =>
  [
    remove.length === 0 ? '' : `removes ${remove.join(', ')}`,
    strip.length === 0 ? '' : `strips ${strip.join(', ')}`,
    Object.keys(budget).length === 0 ? '' : `has a budget for ${Object.keys(budget).join(', ')}`,
  ]
    .filter((part) => part !== '')
    .join('; ');

interface Earlier {
  readonly path: string;
  readonly made: number;
}

const captured = z.object({ images: z.array(z.object({ file: z.object({ path: z.string() }) })).min(1) });

/** The newest captured image of this name. */
const earlierImage = async (store: Store, name: string): Promise<Earlier | undefined> => {
  const known = (await store.keys('capture')).filter(({ key }) => key['name'] === name);
  for (const { key, made } of known.toSorted((one, other) => other.made - one.made)) {
    const found = await store.find('capture', store.storedDigest('capture', key));
    const path = captured.safeParse(found?.out).data?.images[0]?.file.path;
    if (path !== undefined) return { path, made };
  }
  return undefined;
};

/** What was stripped already saves nothing more. When an image cannot be read, the rest is still explained. */
const estimateText = async ({ path, made }: Earlier, { strip }: Slim, signal: AbortSignal): Promise<string> => {
  const when = age(Date.now() - made);
  try {
    await using subject = await openSubject(path, signal);
    const savings = (await subject.savings()).toSorted((one, other) => other.size - one.size);
    if (savings.length === 0) return `    nothing is left to strip from the image made ${when}\n`;
    const lines = savings.map(({ strip: name, size }) => {
      const isChosen = strip.some((one) => one === name);
      return `    ${bytes(size).padStart(7)}  ${name}${isChosen ? '' : ' (not in the recipe)'}\n`;
    });
    return `    strips would save in the image made ${when}, each by itself:\n${lines.join('')}`;
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'interrupted') throw error;
    return `    what it would save is not known: the image made ${when} cannot be read (${error.message})\n`;
  }
};
