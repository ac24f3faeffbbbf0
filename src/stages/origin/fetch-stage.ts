/** *fetch*: an install ISO from a path or URL, taken only when it has the digest of the recipe or of the publisher's sums. */
import { IngotError } from '../../errors.ts';
import { type FileRef, sha256File } from '../../host/files.ts';
import { fetchIso } from '../../origin/iso.ts';
import type { SumsProof } from '../../origin/sums.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { type IsoOrigin, isUrl } from '../../recipe/schema/origin-schema.ts';
import { publishedName } from '../../recipe/values/image-name.ts';
import { proofKey, provenDigest } from './proof.ts';

export interface FetchInput {
  readonly loaded: LoadedRecipe;
  readonly origin: IsoOrigin;
}

export interface Fetched {
  readonly iso: FileRef;
  /** What the publisher's sums said of it. */
  readonly proof?: SumsProof;
  /** Its rpm packages, each signed by a key that the recipe names: how many by which, by fingerprint. */
  readonly packages?: SignedPackages;
}

export type SignedPackages = Readonly<Record<string, number>>;

/** Changes when what a result holds does. */
const FORMAT = 2;

export const fetchStage: Stage<FetchInput, Fetched> = {
  name: 'fetch',
  key: async ({ loaded, origin }) => ({
    ...(await proofKey(origin, publishedName(origin.iso), loaded.folder)),
    ...(origin.packageKeys === undefined
      ? {}
      : { packageKeys: await Promise.all(origin.packageKeys.map((key) => sha256File(hostFile(loaded.folder, key)))) }),
    format: FORMAT,
  }),
  async run({ loaded, origin }, { shared, reporter, signal }) {
    const { folder } = loaded;
    const { proof, ...digests } = await provenDigest(origin, publishedName(origin.iso), { folder, reporter, signal });
    const iso = isUrl(origin.iso) ? origin.iso : hostFile(folder, origin.iso);
    const file = await fetchIso({ iso, ...digests }, { folder, store: shared('isos'), reporter, signal });
    const keys = origin.packageKeys?.map((key) => hostFile(folder, key));
    const packages = keys && (await signedPackages(file.path, keys, { reporter, signal }));
    return {
      iso: file,
      ...(proof === undefined ? {} : { proof }),
      ...(packages === undefined ? {} : { packages }),
    };
  },
};

/** Throws `origin.package-not-signed` with all that are not. */
const signedPackages = async (
  iso: string,
  keys: readonly string[],
  { reporter, signal }: Pick<StageContext, 'reporter' | 'signal'>,
): Promise<SignedPackages> => {
  const { readMedium } = await import('../../media/iso/medium.ts');
  const { checkMediumPackages } = await import('../../distributions/rpm/medium-packages.ts');
  reporter.phase('signatures of its packages');
  const { packages, signers, problems } = await checkMediumPackages(await readMedium(iso, signal), keys, signal);
  if (packages === 0)
    throw new IngotError(
      'origin.no-signed-packages',
      'there are no rpm packages on the ISO that a key could have signed',
      {
        where: 'origin.packageKeys',
        hint: 'A network or boot ISO has none: leave the keys out, or take the DVD. The installer checks what it fetches itself.',
      },
    );
  if (problems.length > 0)
    throw new IngotError(
      'origin.package-not-signed',
      `${problems.length} of ${packages} packages on the ISO are not signed by a key that the recipe names`,
      {
        where: 'origin.packageKeys',
        detail: problems.join('\n'),
        hint: 'Name all keys that the vendor signs this release with. When they are all there, somebody has changed the ISO: do not use it.',
      },
    );
  for (const [key, count] of Object.entries(signers)) reporter.note(`${count} packages are signed by ${key}`);
  return signers;
};
