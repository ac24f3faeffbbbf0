/** What is read out of a captured disk of Debian. */
import type { System } from '../../distribution.ts';
import { CANONICAL, canonicalDigest } from './canonical.ts';
import { readDatabase } from './database.ts';
import { readPackages } from './dpkg-packages.ts';
import { inspectDisk } from './facts.ts';
import { checkPortability } from './portability.ts';

export const SYSTEM: System = {
  packages: readPackages,
  database: readDatabase,
  canonical: { rules: CANONICAL, digest: canonicalDigest },
  portability: async (files, expected) => checkPortability(await inspectDisk(files), expected),
};
