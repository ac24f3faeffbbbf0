/** Where a partial lies: below one of the folders, whatever a template says. */
import { statSync } from 'node:fs';
import { join } from 'node:path';

/** The first that is there; throws with a reason. */
export const partialPath = (name: string, roots: readonly string[]): string => {
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name))
    throw new Error(`a partial cannot be called ${JSON.stringify(name)}`);
  const found = roots
    .map((root) => join(root, name.endsWith('.ejs') ? name : `${name}.ejs`))
    .find((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
  if (found === undefined) throw new Error(`there is no partial ${JSON.stringify(name)}`);
  return found;
};
