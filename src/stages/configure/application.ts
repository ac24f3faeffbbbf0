/** What a recipe says of a system that is there already, and what identifies it. */

import type { Application } from '../../distributions/distribution.ts';
import { adoptionOf } from '../../distributions/find-image.ts';
import { sha256 } from '../../host/files.ts';
import type { Json, SecretDigests } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';

export const applicationOf = async (loaded: LoadedRecipe): Promise<Application> =>
  (await adoptionOf(loaded.recipe)).application(loaded);

/** Each file by a keyed digest, since some hold password hashes. */
export const applicationKey = async (loaded: LoadedRecipe, { secretDigest }: SecretDigests): Promise<Json> => {
  const { files, script } = await applicationOf(loaded);
  return {
    script: sha256(script),
    files: Object.fromEntries(files.map(({ path, mode, content }) => [path, secretDigest(`${mode} ${content}`)])),
  };
};
