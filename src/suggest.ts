/** "Did you mean": the nearest of the allowed words, if one is near enough to be a typing mistake or is meant by a short form. */

/** Optimal string alignment distance (Damerau-Levenshtein with adjacent swaps). */
export const editDistance = (from: string, to: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + cost,
        swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, previous] = [previous, current];
  }
  return at(previous, to.length);
};

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY;

/** The candidate within a third of the word's length (at least one edit), case and hyphens set aside. */
export const suggest = (word: string, candidates: Iterable<string>): string | undefined => {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const all = [...candidates];
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of all) {
    // The distance is not less than that, and long words take long.
    if (Math.abs(word.length - candidate.length) > limit + 8) continue;
    const distance = editDistance(plain(word), plain(candidate));
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word ?? longForm(word, all);
};

/** The only candidate with a part that begins like the word: `docs` is documentation, `agents` cloud-agents. */
const longForm = (word: string, candidates: readonly string[]): string | undefined => {
  const stem = plain(word).replace(/s$/, '');
  if (stem.length < 3) return undefined;
  const [one, ...others] = candidates.filter((candidate) =>
    candidate.split(/[-_.]|(?=[A-Z])/).some((part) => part.toLowerCase().startsWith(stem)),
  );
  return others.length === 0 ? one : undefined;
};

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_]/g, '');
