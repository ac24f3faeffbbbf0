/** *unpack*: the lock's packages unpacked on the host, for the build's own installation. Media for delivery go without. */
import { join } from 'node:path';
import { openBlobs } from '../origin/blobs.ts';
import { type Lock, lockDigest } from '../origin/debian/lock.ts';
import { type Unpacked, unpackPackages } from '../origin/debian/unpacked/unpack.ts';
import type { Stage } from '../pipeline/stage.ts';

export interface UnpackInput {
  readonly lock: Lock;
}

/** Changes when the image's layout does, or what is in it for the same lock. */
const FORMAT = 2;

export const unpackStage: Stage<UnpackInput, Unpacked> = {
  name: 'unpack',
  key: ({ lock }) => ({ lock: lockDigest(lock), format: FORMAT }),
  async run({ lock }, { dir, shared, reporter, signal }) {
    const unpacked = await unpackPackages({
      lock,
      store: openBlobs(shared('packages')),
      output: join(dir, 'unpacked.img'),
      reporter,
      signal,
    });
    if (unpacked.reason !== undefined) reporter.note(`the installer unpacks the packages itself: ${unpacked.reason}`);
    return unpacked;
  },
};
