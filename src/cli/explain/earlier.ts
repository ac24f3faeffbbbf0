/** The newest captured image of a name in a store: what parts of `ingot explain` compare with or estimate from. */
import type { z } from 'zod';
import type { Store } from '../../pipeline/store.ts';

/** `shape`: what has to be known of it; one that was captured before that was written down is passed over. */
export const earlierCapture = async <Shape extends z.ZodType>(
  store: Store,
  name: string,
  shape: Shape,
): Promise<{ readonly captured: z.output<Shape>; readonly made: number } | undefined> => {
  const known = (await store.keys('capture')).filter(({ key }) => key['name'] === name);
  for (const { key, made } of known.toSorted((one, other) => other.made - one.made)) {
    const found = shape.safeParse((await store.find('capture', store.storedDigest('capture', key)))?.out);
    if (found.success) return { captured: found.data, made };
  }
  return undefined;
};
