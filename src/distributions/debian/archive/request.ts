/** A package that is asked for, and by whom. */
import type { PackageWish } from '../../../recipe/values/package-wish.ts';

export interface Request extends PackageWish {
  /** Where the request comes from: `answers.packages`. */
  readonly where: string;
}

export const requestsFor = (names: readonly string[], where: string): Request[] =>
  names.map((name) => ({ name, where }));
