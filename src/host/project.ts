/** Where Ingot itself is installed, and its version. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The project's own folder, from a checkout and from an installed package alike. */
export const projectFolder = join(import.meta.dirname, '..', '..');

export const ingotVersion = (): string =>
  String(JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')).version);
