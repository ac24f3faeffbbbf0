/** What a comparison finds, with a limit: for two media with nothing in common a few lines are enough. */

export type DifferenceKind = 'volume' | 'boot' | 'tree' | 'attributes' | 'content' | 'layout' | 'raw';

export interface Difference {
  readonly kind: DifferenceKind;
  /** The file or structure concerned. */
  readonly where: string;
  readonly detail: string;
}

const MOST_OF_A_KIND = 20;

export class DifferenceList {
  readonly #found: Difference[] = [];
  readonly #counts = new Map<DifferenceKind, number>();

  add(kind: DifferenceKind, where: string, detail: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= MOST_OF_A_KIND) this.#found.push({ kind, where, detail });
  }

  /** Adds it when the two are not the same. */
  compare(kind: DifferenceKind, where: string, a: string, b: string): void {
    if (a !== b) this.add(kind, where, `${a === '' ? '(nothing)' : a} / ${b === '' ? '(nothing)' : b}`);
  }

  get found(): readonly Difference[] {
    return this.#found;
  }

  /** How many there are of each kind, those that are not listed too. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
