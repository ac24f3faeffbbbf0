/** The recipe below one that begins with another recipe's image, and so on down; a circle of them is an error. */
import { canonicalJson } from '../../canonical-json.ts';
import { IngotError, retold } from '../../errors.ts';
import { sha256 } from '../../host/files.ts';
import { parentOf } from '../schema/origin-schema.ts';
import { withSecretsOf } from '../secrets/secrets.ts';
import { hostFile } from './host-files.ts';
import type { LoadedRecipe } from './loaded.ts';
import type { VariableSources } from './variables.ts';

type Load = (path: string, sources: VariableSources, above: readonly string[]) => Promise<LoadedRecipe>;

/** `above` are the recipes that are built on this one, with the first that was asked for at the beginning. */
export const withParent = async (
  loaded: LoadedRecipe,
  { env }: VariableSources,
  above: readonly string[],
  load: Load,
): Promise<LoadedRecipe> => {
  const below = parentOf(loaded.recipe.origin);
  if (below === undefined) return loaded;
  const path = hostFile(loaded.folder, below.recipe);
  const all = [...above, loaded.path];
  if (all.includes(path))
    throw new IngotError('recipe.circle', 'the recipe begins with its own image', {
      where: loaded.path,
      detail: [...all, path].join('\n'),
      hint: 'One of them has to begin with an ISO, with packages, or with an image that is a file.',
    });
  const parent = await load(path, { variables: below.variables, env }, all).catch((error: unknown) => {
    if (!(error instanceof IngotError)) throw error;
    throw retold(error, { message: `${below.recipe}, whose image this recipe begins with: ${error.message}` });
  });
  requireSameSystem(loaded, parent);
  return {
    ...loaded,
    parent,
    digest: sha256(canonicalJson([loaded.digest, parent.digest])),
    secrets: withSecretsOf(loaded.secrets, [parent.secrets]),
  };
};

const requireSameSystem = ({ path, recipe: { os } }: LoadedRecipe, { recipe }: LoadedRecipe): void => {
  if (recipe.capture.thin)
    throw new IngotError('recipe.unsupported', `the image of ${recipe.name} is a layer that needs another one`, {
      where: path,
      hint: 'Take `capture.thin` out of that recipe: between recipes only layers are stored anyway.',
    });
  if (canonicalJson(os) === canonicalJson(recipe.os)) return;
  throw new IngotError('recipe.invalid', `the image of ${recipe.name} is ${recipe.os.family} ${recipe.os.release}`, {
    where: path,
    detail: `this recipe says os: ${os.family} ${os.release} (${os.arch})`,
    hint: 'Both recipes have to name the same system.',
  });
};
