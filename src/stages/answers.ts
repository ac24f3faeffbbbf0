/** *answers*: what the installer is told. Rendering is quick, so the key is what was rendered. */
import { type AnswerSet, renderAnswers } from '../answers/render.ts';
import type { KeyContext, Stage, StageKey } from '../pipeline/stage.ts';
import type { LoadedRecipe } from '../recipe/load.ts';

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

const render = ({ loaded, purpose }: AnswersInput): AnswerSet =>
  renderAnswers(loaded.recipe, { ...loaded, delivery: purpose === 'delivery' });

export const answersStage = (name: 'answers' | 'delivery-answers'): Stage<AnswersInput, AnswerSet> => ({
  name,
  key: (input, context) => answersKey(render(input), context),
  run: async (input) => render(input),
});
