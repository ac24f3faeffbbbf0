/** The lock of a recipe: beside it, under its whole name. */
export const lockPathOf = (recipe: string): string => `${recipe}.lock`;
