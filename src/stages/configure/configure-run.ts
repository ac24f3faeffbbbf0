/** The machine run of *configure*: boot or restore, steps with checkpoints between them, sealing, power-off. */
import { sealUnitsOf, slimmingOf } from '../../distributions/find-image.ts';
import { IngotError } from '../../errors.ts';
import { adoptGuest, waitForBoot } from '../../guest/adopt-guest.ts';
import { saveGuestEvidence, tellBoot } from '../../guest/guest-evidence.ts';
import { seal } from '../../guest/seal/seal.ts';
import type { Session } from '../../guest/session.ts';
import { placeAfter, runSteps, type StepContext } from '../../guest/steps.ts';
import type { FileRef } from '../../host/files.ts';
import type { Machine } from '../../machine/machine.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import { roomFor } from '../machines.ts';
import { applicationOf } from './application.ts';
import type { ConfigureWork } from './configure-work.ts';
import { connect, watchIdleBoot } from './connect-guest.ts';
import { endingError, type MachineRun, openMachine } from './machine-run.ts';
import { isQuieted, quieten } from './quiet.ts';
import { asRestoring } from './restoring.ts';
import { runStopped } from './run-stopped.ts';
import { createSaver, type Saver, type Unpublished } from './saver.ts';
import { isSlimmed } from './slim-key.ts';

export interface Layers {
  /** The overlay that the guest has written to last. */
  readonly top: string;
  readonly unpublished: Unpublished | undefined;
  /** The layers of checkpoints below it, the oldest first. */
  readonly saved: readonly FileRef[];
}

export const configureMachine = async (work: ConfigureWork, context: StageContext): Promise<Layers> => {
  const { start, accelerator, loaded } = work;
  const spec = work.specFor(work.disk);
  using _room = await roomFor(spec, context);
  context.reporter.phase(start ? 'restore' : 'first boot');
  await using run = await openMachine(spec, work, context);
  const saver = createSaver(work, context);
  try {
    await inGuest(run, saver, work, context);
  } catch (error) {
    throw await runStopped(error, run, { saver, work, context });
  }
  await sealedPowerOff(run, loaded.recipe.machine.limits.powerOff * accelerator.factor);
  return { top: saver.disk, unpublished: saver.unpublished, saved: saver.saved };
};

/** From the login to the command that powers the machine off. */
const inGuest = async (
  { machine, strip, lifeline }: MachineRun,
  saver: Saver,
  work: ConfigureWork,
  context: StageContext,
): Promise<void> => {
  const alive = AbortSignal.any([context.signal, lifeline.signal]);
  let connected: Session | undefined;
  using _idleness = watchIdleBoot(machine, {
    limit: work.loaded.recipe.machine.limits.idle,
    isWaiting: () => connected?.isWaiting ?? true,
    onIdle: (error) => lifeline.abort(error),
  });
  await using session = await asRestoring(connect(machine, work, context, alive), work.start, context.signal);
  connected = session;
  const { reporter } = strip;
  try {
    await configure(machine, session, saver, work, { ...context, reporter });
  } catch (error) {
    const { factor } = work.accelerator;
    if (!alive.aborted) await saveGuestEvidence(session, { folder: context.runFolder, reporter, factor });
    throw error;
  }
};

const configure = async (
  machine: Machine,
  session: Session,
  saver: Saver,
  { loaded, base, start, accelerator: { factor } }: ConfigureWork,
  { runFolder, reporter, signal }: StageContext,
): Promise<void> => {
  const { folder, variables, secrets, recipe } = loaded;
  if (start) reporter.note(`goes on from the checkpoint after ${placeAfter(recipe.configure, start.steps)}`);
  if (base.adopted !== undefined && !start) {
    const { hasCloudInit } = base.adopted;
    const application = await applicationOf(loaded);
    await adoptGuest(session, { hasCloudInit, hasMedium: base.medium !== undefined, application, reporter, factor });
  }
  const { checkpoints } = recipe.machine;
  const flush = () => session.exec('sync');
  if (checkpoints && !start) await saver.save(machine, 0, flush);
  const hasMedium = base.medium !== undefined;
  const context: StepContext = {
    ...{ session, folder, variables, secrets, hasMedium, factor, reporter, signal },
    ...(base.adopted === undefined ? {} : { settle: (one) => waitForBoot(one, { reporter, factor }) }),
  };
  await runSteps(recipe.configure, context, {
    from: start?.steps ?? 0,
    ...(checkpoints ? { onDone: (done: number) => saver.save(machine, done, flush) } : {}),
  });
  // No checkpoint is after it: what was slimmed otherwise begins with the steps' result.
  if (isSlimmed(recipe)) await (await slimmingOf(recipe))?.run(recipe, context);
  if (isQuieted(recipe)) await quieten(recipe, context);
  await tellBoot(session, { folder: runFolder, reporter, factor });
  await seal(session, await sealUnitsOf(recipe), recipe.seal, { reporter, factor });
};

/** Only the guest's own power-off proves that sealing was finished. */
const sealedPowerOff = async ({ machine, ended }: MachineRun, limit: number): Promise<void> => {
  const timer = Promise.withResolvers<'late'>();
  const timeout = setTimeout(() => timer.resolve('late'), limit);
  const ending = await Promise.race([machine.ended, timer.promise]);
  clearTimeout(timeout);
  if (ending === 'late') {
    throw new IngotError('guest.seal-unfinished', 'the guest did not power off after sealing', {
      where: `${machine.folder}/serial.log`,
      hint: 'A file system may be kept busy by a service that a step left running; machine.limits.powerOff is the limit.',
    });
  }
  await ended;
  if (ending.reason !== 'guest-shutdown') throw endingError(ending.error);
};
