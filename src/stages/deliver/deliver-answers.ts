/** What `ingot media answers` makes: answers of a recipe, or a folder of the user's own, as a volume beside an untouched medium. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { heldBy } from '../../answers/held.ts';
import { distributionOf } from '../../distributions/find.ts';
import { IngotError } from '../../errors.ts';
import { type AnswersVolume, writeAnswersVolume } from '../../media/answers-volume/volume.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { renderLoaded } from '../answers/answers-stage.ts';

export interface AnswersOptions {
  readonly output: string;
  readonly signal?: AbortSignal | undefined;
}

export interface DeliveredAnswers extends AnswersVolume {
  /** What the recipe says but a volume cannot carry: kernel arguments of the installer. */
  readonly leftOut: readonly string[];
  /** What in it is for its owner alone, in words. */
  readonly held: readonly string[];
}

/** The volumes that a recipe asks for: one, or one for each of its hosts, since a volume holds one kickstart. */
export const volumesOf = (loaded: LoadedRecipe): { readonly name: string; readonly loaded: LoadedRecipe }[] => {
  const { name } = loaded.recipe;
  if (loaded.hosts.length === 0) return [{ name, loaded }];
  return loaded.hosts.map((host) => ({ name: `${name}-${host.name}`, loaded: host.loaded }));
};

/** Throws `media.no-volume-answers` where the installer looks for no volume. */
export const answersOfRecipe = async (loaded: LoadedRecipe, options: AnswersOptions): Promise<DeliveredAnswers> => {
  const { onVolume } = (await distributionOf(loaded.recipe)).answers;
  if (onVolume === undefined)
    throw new IngotError(
      'media.no-volume-answers',
      'debian-installer looks for no volume with answers: they have to be in its initrd, or on its command line',
      { where: loaded.path, hint: 'Make a medium of it: ingot media RECIPE -o FILE.' },
    );
  const files = onVolume(await renderLoaded({ loaded, purpose: 'delivery' }));
  return {
    ...(await writeAnswersVolume({ ...options, files, where: loaded.path })),
    leftOut: loaded.recipe.answers.installerArguments,
    held: heldBy(files.map(({ content }) => content)),
  };
};

/** All files in the root of the folder. Throws `media.volume-answers` for anything that is not a file. */
export const answersOfFolder = async (folder: string, options: AnswersOptions): Promise<DeliveredAnswers> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const other = entries.find((entry) => !entry.isFile());
  if (other)
    throw new IngotError('media.volume-answers', `${other.name} is not a file`, {
      where: folder,
      hint: 'Installers read answers from the root of a volume; leave only files in the folder.',
    });
  const files = await Promise.all(
    entries.map(async ({ name }) => ({ name, content: await readFile(join(folder, name)) })),
  );
  const held = heldBy(files.map(({ content }) => content.toString('latin1')));
  return { ...(await writeAnswersVolume({ ...options, files, where: folder })), leftOut: [], held };
};
