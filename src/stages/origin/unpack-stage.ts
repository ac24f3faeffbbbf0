/** *unpack*: the lock's packages unpacked on the host, for the build's own installation. Media for delivery go without. */
import { join } from 'node:path';
import { fetchPackages, mirrorBases } from '../../distributions/debian/archive/fetch-packages.ts';
import { lockDigest } from '../../distributions/debian/archive/package-lock.ts';
import { debianRelease } from '../../distributions/debian/archive/releases.ts';
import type { Unpacked } from '../../distributions/debian/unpacked/unpack.ts';
import { openBlobs } from '../../origin/blobs.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { AssembleInput } from './assemble-stage.ts';
import { bringPackages } from './frozen.ts';
import { mirrorsOf } from './mirrors.ts';

/** Changes when the image's layout does, or what is in it for the same lock. */
const FORMAT = 2;

export const unpackStage: Stage<AssembleInput, Unpacked> = {
  name: 'unpack',
  key: ({ lock }) => ({ lock: lockDigest(lock), format: FORMAT }),
  async run({ loaded, origin, lock }, { dir, shared, reporter, signal }) {
    const { unpackPackages } = await import('../../distributions/debian/unpacked/unpack.ts');
    const store = openBlobs(shared('packages'));
    await bringPackages(loaded, origin, lock, { shared, reporter, signal });
    // A medium that was assembled earlier, or elsewhere, may be there without its packages.
    const source = mirrorBases({
      mirrors: await mirrorsOf(loaded, origin),
      release: debianRelease(lock.release.number),
    });
    await fetchPackages(
      lock.debs.filter(({ install }) => install !== undefined),
      store,
      source,
      { reporter, signal },
    );
    const unpacked = await unpackPackages({
      lock,
      store,
      output: join(dir, 'unpacked.img'),
      reporter,
      signal,
    });
    if (unpacked.reason !== undefined) reporter.note(`the installer unpacks the packages itself: ${unpacked.reason}`);
    return unpacked;
  },
};
