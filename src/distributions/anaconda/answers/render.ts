/** Answers for Anaconda: ks.cfg, Ingot's own kickstart, kernel arguments. */
import { accountsOf } from '../../../answers/accounts.ts';
import { type AnswerContext, type AnswerSet, contentNonce } from '../../../answers/answer-set.ts';
import { installerArguments, targetArguments } from '../../../answers/kernel-arguments.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { renderHooks, renderKickstart, withoutKickstartHashes } from './kickstart.ts';
import { kickstartValues } from './kickstart-values.ts';

export const renderForAnaconda = (recipe: Recipe, context: AnswerContext): AnswerSet => {
  const { files, delivery } = context;
  const values = kickstartValues(recipe, context, { ...accountsOf(recipe, context), files, delivery });
  const answers = renderKickstart(recipe, values, context);
  const nonce = context.nonce ?? contentNonce([answers, renderHooks(values, '0')]);
  return {
    initrd: [renderHooks(values, nonce), answers],
    medium: [{ path: 'ks.cfg', mode: 0o444, content: withoutKickstartHashes(answers.content) }],
    installerArguments: installerArguments(bootOptions(delivery), recipe, context),
    targetArguments: targetArguments(recipe),
    nonce,
  };
};

/** Anaconda's boot options; the kickstart files, which hold hashes, are not kept in the installed system. */
const bootOptions = (delivery: boolean): readonly string[] => [
  'inst.ks=file:/ingot.ks',
  'inst.nosave=all_ks',
  'inst.text',
  'console=ttyS0,115200',
  ...(delivery ? ['console=tty0'] : []),
];
