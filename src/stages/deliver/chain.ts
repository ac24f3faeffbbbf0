/**
 * What was proved of everything that a build started from, for the manifest: who signed, when, and what that signature
 * covers. What nobody signed says so; a digest in a recipe is what its author saw, and no more.
 */

import type { ManifestProof } from '../../capture/manifest.ts';
import { counted } from '../../counted.ts';
import type { SumsProof } from '../../origin/sums.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { isAssembled, isImage, isIso } from '../../recipe/schema/origin-schema.ts';
import { isProven } from '../../recipe/schema/sums-schema.ts';
import { withoutUrlSecrets } from '../../recipe/secrets/url-secrets.ts';
import { statedSource } from '../../recipe/values/stated-source.ts';
import type { DeliveredOrigin } from './delivered-origin.ts';

export const chainOf = ({ recipe, parent }: LoadedRecipe, given: DeliveredOrigin): ManifestProof[] => {
  const { origin } = recipe;
  const own = isAssembled(origin)
    ? suiteProofs(given)
    : [fileProof(origin, given), ...packageProofs(origin, given.signedPackages)];
  const below = parent === undefined || given.parent === undefined ? [] : chainOf(parent, given.parent);
  return [...own, ...addedProofs(given), ...below];
};

const suiteProofs = ({ lock }: DeliveredOrigin): ManifestProof[] =>
  lock?.suites.map(({ name, signers, date, inRelease }) => ({
    of: name,
    signedBy: signers,
    date,
    covers: `InRelease ${inRelease.sha256}, the indexes it names, and ${packages(lock.debs.filter(({ suite }) => suite === name).length)} by these`,
  })) ?? [];

const packages = (count: number): string => counted(count, 'package');

type FileOrigin = Exclude<LoadedRecipe['recipe']['origin'], { readonly assemble: unknown }>;

const fileProof = (origin: FileOrigin, { proof, sha256 }: DeliveredOrigin): ManifestProof => {
  if (isImage(origin) && typeof origin.image === 'object')
    return {
      of: statedSource(origin.image.recipe),
      signedBy: [],
      none: 'made from another recipe',
      covers: `the image ${sha256}`,
    };
  const of = statedSource(isIso(origin) ? origin.iso : String(origin.image));
  if (proof !== undefined) return { of, ...sumsProof(proof) };
  const none = isProven(origin) ? 'pinned by digest only' : 'taken as it was on this host';
  return { of, signedBy: [], none, covers: `the file ${sha256}` };
};

/** Of an ISO of the RHEL family or Fedora: its indexes are signed by nobody, its packages one by one. */
const packageProofs = (origin: FileOrigin, signers: DeliveredOrigin['signedPackages'] = {}): ManifestProof[] =>
  Object.entries(signers).map(([fingerprint, count]) => ({
    of: `packages on ${isIso(origin) ? statedSource(origin.iso) : 'the ISO'}`,
    signedBy: [fingerprint],
    covers: `${packages(count)}, each with its header and content`,
  }));

const sumsProof = ({ file, signedBy }: SumsProof): Omit<ManifestProof, 'of'> => {
  const covers = `the publisher's sums, which have the digest of ${file}`;
  if (signedBy === undefined) return { signedBy: [], none: 'sums that nobody signed', covers };
  return { signedBy: [signedBy.fingerprint], date: signedBy.date, covers };
};

/** Repositories of `media.packages`, and packages that lay beside the recipe. */
const addedProofs = ({ added }: DeliveredOrigin): ManifestProof[] => {
  if (added === undefined) return [];
  const sources = new Set(added.repositories.map(({ url, suite }) => `${url} ${suite}`));
  const from = (source: string) => added.packages.filter((one) => withoutUrlSecrets(one.source) === source);
  return [
    ...added.repositories.map(({ url, suite, signers, date }) => ({
      of: `${url} ${suite}`,
      signedBy: signers,
      date,
      covers: `its index, and ${packages(from(`${url} ${suite}`).length)} by it`,
    })),
    ...added.packages
      .filter(({ source }) => !sources.has(withoutUrlSecrets(source)))
      .map(({ source, sha256 }) => ({
        of: statedSource(source),
        signedBy: [],
        none: 'taken as it was on this host' as const,
        covers: `the package ${sha256}`,
      })),
  ];
};
