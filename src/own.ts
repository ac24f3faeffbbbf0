/** Words of others as keys of a table: `constructor` and its like are in every object, and in no table. */
export const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
