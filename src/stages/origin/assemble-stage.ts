/** *assemble*: the lock's packages become a small Debian install ISO. */
import { join } from 'node:path';
import { type Lock, lockDigest } from '../../distributions/debian/archive/package-lock.ts';
import { debianComponents } from '../../distributions/debian/medium/components.ts';
import type { FileRef } from '../../host/files.ts';
import { toolVersion } from '../../host/tools.ts';
import { openBlobs } from '../../origin/blobs.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { bringPackages } from './frozen.ts';
import { mirrorsOf } from './mirrors.ts';
import type { ResolveInput } from './resolve-stage.ts';

export interface AssembleInput extends ResolveInput {
  readonly lock: Lock;
}

export const assembleStage: Stage<AssembleInput, FileRef> = {
  name: 'assemble',
  key: async ({ lock }) => ({
    lock: lockDigest(lock),
    components: debianComponents(lock.release.number).digest,
    xorriso: await toolVersion('xorriso'),
  }),
  async run(input, { dir, shared, reporter, signal }) {
    await bringPackages(input.loaded, input.origin, input.lock, { shared, reporter, signal });
    const { assembleDebian } = await import('../../distributions/debian/medium/assemble.ts');
    return assembleDebian({
      lock: input.lock,
      mirrors: await mirrorsOf(input.loaded, input.origin),
      store: openBlobs(shared('packages')),
      output: join(dir, 'medium.iso'),
      reporter,
      signal,
    });
  },
};
