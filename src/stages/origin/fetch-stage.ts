/** *fetch*: an install ISO from a path or URL, taken only when it has the recipe's digest. */
import type { FileRef } from '../../host/files.ts';
import { fetchIso } from '../../origin/iso.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { hostFile } from '../../recipe/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { type IsoOrigin, isUrl } from '../../recipe/origin-schema.ts';

export interface FetchInput {
  readonly loaded: LoadedRecipe;
  readonly origin: IsoOrigin;
}

export const fetchStage: Stage<FetchInput, FileRef> = {
  name: 'fetch',
  key: ({ origin }) => ({ sha256: origin.sha256 }),
  run: ({ loaded, origin }, { shared, reporter, signal }) =>
    fetchIso(isUrl(origin.iso) ? origin : { ...origin, iso: hostFile(loaded.folder, origin.iso) }, {
      folder: loaded.folder,
      store: shared('isos'),
      reporter,
      signal,
    }),
};
