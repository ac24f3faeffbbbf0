/** The version in package.json; read at once, since `--version` and `--help` want it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../host/project.ts';

export const version = (): string =>
  String(JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')).version);
