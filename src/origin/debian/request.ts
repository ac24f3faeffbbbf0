/** A package that is asked for, and by whom. */

export interface Request {
  readonly name: string;
  /** Where the request comes from: `answers.packages`. */
  readonly where: string;
}

export const requestsFor = (names: readonly string[], where: string): Request[] =>
  names.map((name) => ({ name, where }));
