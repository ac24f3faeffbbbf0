/** Stages whose results are not taken from the store. */

/** Those that look at what others publish, of recipes below too: their keys do not say what is there today. */
const LOOKS_OUTSIDE = /(^|: )(resolve|packages|fetch|obtain)$/;

export const thatLookOutside = (stages: readonly string[]): string[] =>
  stages.filter((title) => LOOKS_OUTSIDE.test(title));

/** Of the `stages` of a build: those of `again`, those that look outside (`--refresh`), or all (`--no-cache`). */
export const freshStages = (
  { cache, refresh }: { readonly cache: boolean; readonly refresh: boolean },
  stages: readonly string[],
  again: readonly string[] = [],
): ReadonlySet<string> | true => (cache ? new Set([...again, ...(refresh ? thatLookOutside(stages) : [])]) : true);
