/** *answers*: what the installer is told. Rendering is quick, so the key is what was rendered. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AnswerSet, DebianMirrors } from '../../answers/answer-set.ts';
import { answersForHosts, type HostAnswers, type HostChooser } from '../../answers/hosts.ts';
import { distributionOf } from '../../distributions/find.ts';
import { renderAnswers } from '../../distributions/render-answers.ts';
import { IngotError, retold } from '../../errors.ts';
import type { SecretDigests, Stage, StageKey } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { installerMirror, isAssembled, isImage } from '../../recipe/schema/origin-schema.ts';
import type { SecretStore } from '../../recipe/secrets/secrets.ts';
import { mirrorsOf } from '../origin/mirrors.ts';
import { requireOneMedium } from './one-medium.ts';

export type Purpose = 'build' | 'delivery';

export interface AnswersInput {
  readonly loaded: LoadedRecipe;
  /** `build`: for the build's own machine. `delivery`: for the medium that is handed out. */
  readonly purpose: Purpose;
}

/** Each file by a keyed digest, since some hold password hashes. */
export const answersKey = (answers: AnswerSet, { secretDigest }: SecretDigests): StageKey => ({
  files: Object.fromEntries(
    answers.initrd.map(({ path, mode, content }) => [path, secretDigest(`${mode} ${content}`)]),
  ),
  installerArguments: answers.installerArguments,
  targetArguments: answers.targetArguments,
});

/** What goes into the initrd. For delivery it is for all hosts of the recipe, where there are some. */
export const renderLoaded = async ({ loaded, purpose }: AnswersInput): Promise<AnswerSet> => {
  const base = await renderOne({ loaded, purpose });
  if (purpose === 'build' || loaded.hosts.length === 0) return base;
  const hosts = await renderHosts(loaded);
  await requireOneMedium(loaded, base, hosts);
  const unknown = loaded.recipe.media.unknownHost === 'recipe' ? base : undefined;
  return answersForHosts(base, hosts, await chooserFor(loaded), unknown);
};

/** For a machine whose host is known before: its answers alone, and a table that makes any other machine stop. */
export const renderEachHost = async (
  loaded: LoadedRecipe,
): Promise<{ readonly name: string; readonly initrd: AnswerSet['initrd'] }[]> => {
  const base = await renderOne({ loaded, purpose: 'delivery' });
  const hosts = await renderHosts(loaded);
  const chooser = await chooserFor(loaded);
  return Promise.all(
    hosts.map(async (host) => ({
      name: host.name,
      initrd: (await answersForHosts(base, [host], chooser, undefined)).initrd,
    })),
  );
};

/** A part of what is rendered, as one machine would get it. */
export interface RenderedPart {
  /** Absent for the recipe's own answers. */
  readonly host?: string;
  readonly loaded: LoadedRecipe;
  readonly answers: AnswerSet;
}

/** The answers of the recipe, and for delivery those of each of its hosts. With an image there is no installer to answer. */
export const renderParts = async ({ loaded, purpose }: AnswersInput): Promise<RenderedPart[]> => {
  if (isImage(loaded.recipe.origin)) return [];
  const base = await renderOne({ loaded, purpose });
  if (purpose === 'build') return [{ loaded, answers: base }];
  const hosts = await renderHosts(loaded);
  await requireOneMedium(loaded, base, hosts);
  return [{ loaded, answers: base }, ...hosts.map(({ name, ...host }) => ({ host: name, ...host }))];
};

interface RenderedHost extends HostAnswers {
  readonly loaded: LoadedRecipe;
}

const renderHosts = async ({ hosts }: LoadedRecipe): Promise<RenderedHost[]> => {
  const rendered: RenderedHost[] = [];
  for (const host of hosts) {
    try {
      rendered.push({ ...host, answers: await renderOne({ loaded: host.loaded, purpose: 'delivery' }) });
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
      throw retold(error, { message: `host ${host.name}: ${error.message}` });
    }
  }
  return rendered;
};

const chooserFor = async ({ recipe }: LoadedRecipe): Promise<HostChooser> =>
  (await distributionOf(recipe)).answers.hosts;

const renderOne = async ({ loaded, purpose }: AnswersInput): Promise<AnswerSet> =>
  renderAnswers(loaded.recipe, { ...loaded, delivery: purpose === 'delivery', mirrors: await systemMirrors(loaded) });

/** The finished system looks where its packages came from, unless the recipe names its repositories. */
export const systemMirrors = async (loaded: LoadedRecipe): Promise<DebianMirrors | undefined> => {
  const { answers, origin } = loaded.recipe;
  const { needMirrors } = (await distributionOf(loaded.recipe)).answers;
  // An image keeps the package sources that it has.
  if (answers.repositories || !needMirrors || isImage(origin)) return undefined;
  if (isAssembled(origin)) return (await mirrorsOf(loaded, origin)).urls;
  // The source of an ISO says nothing about mirrors, so what is missing is answers.repositories.
  return (await mirrorsOf(loaded, { mirror: installerMirror(origin) }).catch((error: unknown) => notFound(error)))
    ?.urls;
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
