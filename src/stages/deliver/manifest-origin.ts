/** Where an image came from, as its manifest tells it, and as a policy judges it. */
import type { Manifest, ManifestOrigin } from '../../capture/manifest.ts';
import type { Lock } from '../../distributions/debian/archive/package-lock.ts';
import type { SumsProof } from '../../origin/sums.ts';
import { isAssembled, isImage } from '../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { statedSource } from '../../recipe/values/stated-source.ts';

export interface OriginFacts {
  readonly sha256: string;
  readonly proof?: SumsProof | undefined;
  readonly lock: Lock | undefined;
}

export const manifestOrigin = (
  recipe: Recipe,
  { sha256, proof, lock }: OriginFacts,
): Omit<ManifestOrigin, 'chain'> => ({
  ...stated(recipe),
  sha256,
  ...(proof === undefined ? {} : { proof }),
  ...(lock === undefined
    ? {}
    : { suites: lock.suites.map((suite) => ({ name: suite.name, inRelease: suite.inRelease.sha256 })) }),
});

export const manifestStandIns = ({ lock }: Pick<OriginFacts, 'lock'>): Manifest['standIns'] =>
  lock?.standIns.map(({ name, reason }) => ({ name, for: reason })) ?? [];

/** As the recipe says it. */
const stated = ({ origin, os }: Recipe): Pick<ManifestOrigin, 'kind' | 'source'> => {
  if (isAssembled(origin)) return { kind: 'assembled', source: `debian ${os.release}` };
  if (isImage(origin))
    return {
      kind: 'image',
      source: typeof origin.image === 'string' ? statedSource(origin.image) : statedSource(origin.image.recipe),
    };
  return { kind: 'iso', source: statedSource(origin.iso) };
};
