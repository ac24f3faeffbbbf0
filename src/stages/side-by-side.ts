/** Parts of a stage at the same time. */

/** All at once; the first that fails stops the others, and is what is thrown when they have ended. */
export const sideBySide = async <In, Out>(
  items: readonly In[],
  signal: AbortSignal,
  work: (item: In, signal: AbortSignal) => Promise<Out>,
): Promise<Out[]> => {
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  const working = items.map((item) =>
    work(item, all).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(working);
  stop.signal.throwIfAborted();
  return Promise.all(working);
};
