/** What is read out of a captured disk of Debian. */
import type { System } from '../../distribution.ts';
import { readDatabase } from './database.ts';
import { readPackages } from './dpkg-packages.ts';
import { inspectDisk } from './facts.ts';
import { checkPortability } from './portability.ts';

export const SYSTEM: System = {
  packages: readPackages,
  database: readDatabase,
  portability: async (files, expected) => checkPortability(await inspectDisk(files), expected),
};
