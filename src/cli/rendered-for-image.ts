/** What is applied to a system that is there already: the files that go into it, and the script that uses them. */
import type { AnswerSet } from '../answers/answer-set.ts';
import type { LoadedRecipe } from '../recipe/load.ts';

export const renderedForImage = async (
  loaded: LoadedRecipe,
): Promise<Pick<AnswerSet, 'initrd' | 'installerArguments' | 'targetArguments'>> => {
  const { applicationOf } = await import('../stages/configure/application.ts');
  const { files, script } = await applicationOf(loaded);
  const initrd = [...files, { path: 'apply.sh', mode: 0o755, content: script }];
  return { initrd, installerArguments: [], targetArguments: [] };
};
