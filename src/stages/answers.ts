/** *answers*: what the installer is told. Rendering is quick, so the key is what was rendered. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DebianMirrors } from '../answers/apt-sources.ts';
import { type AnswerSet, renderAnswers } from '../answers/render.ts';
import { IngotError } from '../errors.ts';
import type { KeyContext, Stage, StageKey } from '../pipeline/stage.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { isAssembled } from '../recipe/origin-schema.ts';
import type { SecretStore } from '../recipe/secrets.ts';
import { mirrorsOf } from './mirrors.ts';

export type Purpose = 'build' | 'delivery';

export interface AnswersInput {
  readonly loaded: LoadedRecipe;
  /** `build`: for the build's own machine. `delivery`: for the medium that is handed out. */
  readonly purpose: Purpose;
}

/** Each file by a keyed digest, since some hold password hashes. */
export const answersKey = (answers: AnswerSet, { secretDigest }: KeyContext): StageKey => ({
  files: Object.fromEntries(
    answers.initrd.map(({ path, mode, content }) => [path, secretDigest(`${mode} ${content}`)]),
  ),
  installerArguments: answers.installerArguments,
  targetArguments: answers.targetArguments,
});

export const renderLoaded = async ({ loaded, purpose }: AnswersInput): Promise<AnswerSet> =>
  renderAnswers(loaded.recipe, { ...loaded, delivery: purpose === 'delivery', mirrors: await systemMirrors(loaded) });

/** The finished system looks where its packages came from, unless the recipe names its repositories. */
const systemMirrors = async (loaded: LoadedRecipe): Promise<DebianMirrors | undefined> => {
  const { os, answers, origin } = loaded.recipe;
  if (answers.repositories || os.family !== 'debian') return undefined;
  if (isAssembled(origin)) return (await mirrorsOf(loaded, origin)).urls;
  // Where an ISO comes from says nothing of mirrors: answers.repositories is what is missing then.
  return (await mirrorsOf(loaded, { mirror: origin.mirror }).catch((error: unknown) => notFound(error)))?.urls;
};

const notFound = (error: unknown): undefined => {
  if (!(error instanceof IngotError && /^origin\.no-(mirror|keyring)$/.test(error.code))) throw error;
};

export const answersStage = (name: 'answers' | 'delivery-answers'): Stage<AnswersInput, AnswerSet> => ({
  name,
  holdsSecrets: true,
  key: async (input, context) => answersKey(await renderLoaded(input), context),
  run: (input) => renderLoaded(input),
});

/** What the installer was told, for people: the files as they go into the initrd, secrets taken out. */
export const keepAsEvidence = async ({ initrd }: AnswerSet, folder: string, { redact }: SecretStore): Promise<void> => {
  for (const { path, content } of initrd) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, redact(content), { mode: 0o600 });
  }
};
