/** Where Ingot itself lies. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The project's own folder, from a checkout and from an installed package alike. */
export const projectFolder = join(import.meta.dirname, '..', '..');

export const ingotVersion = async (): Promise<string> =>
  String(JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8')).version);
