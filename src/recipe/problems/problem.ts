/** One thing that is wrong with a recipe: where in its structure, and what. */

export type Path = readonly (string | number)[];

export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** Point at the key instead of the value. */
  readonly at?: 'key' | 'value' | undefined;
  /** Where in the text, when it is not the place of `path`. */
  readonly offset?: number | undefined;
  /** The line may hold a secret that does not belong there; it is not shown. */
  readonly secret?: boolean | undefined;
  readonly hint?: string | undefined;
  /** `recipe.invalid` when absent. */
  readonly code?: 'recipe.unsupported' | undefined;
}

/** `answers.users[0].name` */
export const pathText = (path: Path): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');

export const isWithin = (outer: Path, path: Path): boolean => outer.every((part, index) => path[index] === part);
