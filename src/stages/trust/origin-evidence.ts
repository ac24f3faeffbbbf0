/** What a build started from beside the archive's own indexes, as evidence: an ISO that was proved, and what recipes added. */
import type { LoadedRecipe } from '../../recipe/load.ts';
import { isIso } from '../../recipe/schema/origin-schema.ts';
import { isProven } from '../../recipe/schema/sums-schema.ts';
import { withoutUrlSecrets } from '../../recipe/secrets/url-secrets.ts';
import { statedSource } from '../../recipe/values/stated-source.ts';
import type { ProvenMedium } from '../../trust/evidence.ts';
import type { Vouched } from '../../trust/record.ts';
import type { DeliveredOrigin } from '../deliver/delivered-origin.ts';
import type { AddedPackage, PackageRepository } from '../origin/package-repository.ts';

export interface OriginEvidence {
  readonly media: readonly ProvenMedium[];
  readonly vouched: readonly Vouched[];
}

/** Of this recipe, and of those below it. */
export const originEvidence = (loaded: LoadedRecipe, origin: DeliveredOrigin): OriginEvidence => {
  const { parent } = loaded;
  const below =
    parent === undefined || origin.parent === undefined
      ? { media: [], vouched: [] }
      : originEvidence(parent, origin.parent);
  return {
    media: [...mediaOf(loaded, origin), ...below.media],
    vouched: [...(origin.added === undefined ? [] : addedPackages(origin.added)), ...below.vouched],
  };
};

/** One whose digest nobody has said vouches for nothing. */
const mediaOf = ({ recipe: { origin } }: LoadedRecipe, { iso, proof }: DeliveredOrigin): ProvenMedium[] => {
  if (!isIso(origin) || iso === undefined || !isProven(origin)) return [];
  const signer = proof?.signedBy?.fingerprint;
  const unsigned = proof === undefined ? 'pinned by digest only' : 'by sums that nobody signed';
  const by = signer === undefined ? unsigned : `by sums that ${signer} signed`;
  // Without its name, which says nothing of what it is.
  return [{ path: iso.path, sha256: iso.sha256, by: `the ISO ${iso.sha256.slice(0, 12)}…, ${by}` }];
};

const addedPackages = ({ packages, repositories, files }: PackageRepository): Vouched[] => {
  const paths = new Map(files.map(({ file }) => [file.sha256, file.path]));
  const sourceOf = ({ source }: AddedPackage): string => {
    const from = withoutUrlSecrets(source);
    const signers = repositories.find(({ url, suite }) => `${withoutUrlSecrets(url)} ${suite}` === from)?.signers;
    return signers === undefined
      ? `${statedSource(source)}, a file of the recipe's`
      : `${from}, signed by ${signers.join(', ')}`;
  };
  return packages.map((one) => ({
    ...{ name: one.name, version: one.version, architecture: one.arch, sha256: one.sha256 },
    ...{ by: sourceOf(one), path: paths.get(one.sha256) },
  }));
};
