/** *fetch*: an install ISO from a path or URL, taken only when it has the digest of the recipe or of the publisher's sums. */
import type { FileRef } from '../../host/files.ts';
import { fetchIso } from '../../origin/iso.ts';
import type { SumsProof } from '../../origin/sums.ts';
import type { Stage } from '../../pipeline/stage.ts';
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
}

/** Changes when what a result holds does. */
const FORMAT = 2;

export const fetchStage: Stage<FetchInput, Fetched> = {
  name: 'fetch',
  key: async ({ loaded, origin }) => ({
    ...(await proofKey(origin, publishedName(origin.iso), loaded.folder)),
    format: FORMAT,
  }),
  async run({ loaded, origin }, { shared, reporter, signal }) {
    const { folder } = loaded;
    const { proof, ...digests } = await provenDigest(origin, publishedName(origin.iso), { folder, reporter, signal });
    const iso = isUrl(origin.iso) ? origin.iso : hostFile(folder, origin.iso);
    const file = await fetchIso({ iso, ...digests }, { folder, store: shared('isos'), reporter, signal });
    return { iso: file, ...(proof === undefined ? {} : { proof }) };
  },
};
