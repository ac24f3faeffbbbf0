/** The configure steps in their order. The first one that fails ends the build with its name. */
import { IngotError, retold, throwIfInterrupted } from '../errors.ts';
import type { ConfigureStep } from '../recipe/schema/configure-schema.ts';
import { attachMediumSource } from './medium-source.ts';
import { ansible } from './steps/ansible.ts';
import { copy } from './steps/copy.ts';
import { reboot } from './steps/reboot.ts';
import { forWantOfRoom } from './steps/room.ts';
import { runScript } from './steps/run-step.ts';
import type { StepContext } from './steps/step-context.ts';

export type { StepContext } from './steps/step-context.ts';

export interface StepRun {
  /** How many steps are done already, in the guest as it is. */
  readonly from?: number;
  /** Called after each step with the number of those that are done. */
  readonly onDone?: (done: number) => Promise<void>;
}

export const runSteps = async (
  steps: readonly ConfigureStep[],
  context: StepContext,
  { from = 0, onDone }: StepRun = {},
): Promise<void> => {
  let attach = context.hasMedium && !isAttached(steps.slice(0, from));
  for (const [index, step] of [...steps.entries()].slice(from)) {
    throwIfInterrupted(context.signal);
    const name = stepName(step);
    context.reporter.phase(name);
    context.reporter.progress(index, steps.length, 'items');
    try {
      // Reading the medium's index takes time: only for steps that may install something, and again after a reboot.
      if (attach && mayInstall(step)) {
        await attachMediumSource(context.session, context.reporter);
        attach = false;
      }
      await runStep(step, context);
      if ('reboot' in step) attach = context.hasMedium;
    } catch (error) {
      throw located(await forWantOfRoom(error, context), name, index);
    }
    await onDone?.(index + 1);
  }
};

const mayInstall = (step: ConfigureStep): boolean => 'run' in step || 'ansible' in step;

/** Whether the medium is a package source after these steps. */
const isAttached = (done: readonly ConfigureStep[]): boolean => {
  const lastReboot = done.findLastIndex((step) => 'reboot' in step);
  return done.slice(lastReboot + 1).some(mayInstall);
};

const runStep = async (step: ConfigureStep, context: StepContext): Promise<void> => {
  if ('copy' in step) return copy(step, context);
  if ('run' in step) return runScript(step, context);
  if ('ansible' in step) return ansible(step, context);
  return reboot(step, context);
};

/** What a step is called when the recipe does not name it. */
export const stepName = (step: ConfigureStep): string => {
  if (step.name !== undefined) return step.name;
  if ('copy' in step) return `copy to ${step.copy.to}`;
  if ('run' in step) return step.run.file === undefined ? 'run a script' : `run ${step.run.file}`;
  if ('ansible' in step) return `ansible ${step.ansible.playbook}`;
  return 'reboot';
};

/** For messages: `step 2, "start page"`, or the first boot when none is done. */
export const placeAfter = (steps: readonly ConfigureStep[], done: number): string => {
  const step = steps[done - 1];
  return step === undefined ? 'the first boot' : `step ${done}, "${stepName(step)}"`;
};

const located = (error: unknown, name: string, index: number): unknown => {
  if (!(error instanceof IngotError) || error.code === 'interrupted') return error;
  const message = `step ${index + 1}, "${name}": ${error.message}`;
  return retold(error, { message, where: error.where ?? `configure[${index}]` });
};
