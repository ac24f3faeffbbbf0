/** The machine run of *configure*: boot or restore, steps with checkpoints between them, sealing, power-off. */
import { setTimeout as delay } from 'node:timers/promises';
import { watchBoot } from '../../diagnosis/boot-stop.ts';
import { BOOT } from '../../diagnosis/catalogue/catalogue.ts';
import { diagnosed, evidenceOf } from '../../diagnosis/diagnosed.ts';
import { IngotError } from '../../errors.ts';
import { saveGuestEvidence, tellBoot } from '../../guest/guest-evidence.ts';
import { seal } from '../../guest/seal/seal.ts';
import type { Session } from '../../guest/session.ts';
import { placeBehind, runSteps } from '../../guest/steps.ts';
import { writeLauncher } from '../../machine/launcher.ts';
import { type Machine, startMachine } from '../../machine/machine.ts';
import { keepPictures } from '../../machine/picture-strip.ts';
import { qemuStopped } from '../../machine/stopped.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import { roomFor } from '../machines.ts';
import type { ConfigureWork } from './configure-work.ts';
import { connect, watchIdleBoot } from './connect-guest.ts';
import { asRestoring, NotRestored } from './restoring.ts';
import { createSaver, type Saver, type Unpublished } from './saver.ts';

/** QEMU's end: its last output, the picture of the console; milliseconds. */
const ENDING_TIME = 5000;

export interface Layers {
  /** The overlay that the guest has written to last. */
  readonly top: string;
  readonly unpublished: Unpublished | undefined;
}

export const configureMachine = async (work: ConfigureWork, context: StageContext): Promise<Layers> => {
  const { runFolder, reporter, onStopped, signal } = context;
  const { start, accelerator } = work;
  const { redact } = work.loaded.secrets;
  const { limits } = work.loaded.recipe.machine;
  const spec = work.specFor(work.disk);
  using _room = await roomFor(spec, context);
  reporter.phase(start ? 'restore' : 'first boot');
  const incoming = start?.memory.path;
  const starting = startMachine(spec, {
    folder: runFolder,
    redact,
    reporter,
    signal,
    incoming,
  });
  await using machine = await asRestoring(starting, start, signal);
  await using strip = await keepPictures(machine.console, { folder: runFolder, reporter, redact });
  // What ends the machine ends the waiting and the steps as well.
  const lifeline = new AbortController();
  const failed = machine.ended.then((ending) => lifeline.abort(endingError(ending.error)));
  const saver = createSaver(work, context);
  using _stops = watchBoot(machine, 'configure/first boot', (error) => lifeline.abort(error));
  try {
    const alive = AbortSignal.any([signal, lifeline.signal]);
    let connected: Session | undefined;
    using _idleness = watchIdleBoot(machine, {
      limit: limits.idle,
      isWaiting: () => connected?.isWaiting ?? true,
      onIdle: (error) => lifeline.abort(error),
    });
    await using session = await asRestoring(connect(machine, work, context, alive), start, signal);
    connected = session;
    const inGuest = { folder: runFolder, reporter: strip.reporter, factor: accelerator.factor };
    try {
      await configure(machine, session, saver, work, { ...context, reporter: strip.reporter });
    } catch (error) {
      if (!alive.aborted) await saveGuestEvidence(session, inGuest);
      throw error;
    }
  } catch (error) {
    // By hand the launcher starts the disk as it stands now, not the layer that the machine began with: a courtesy.
    await writeLauncher(work.specFor(saver.disk), runFolder).catch(() => undefined);
    // A machine that ends takes its connections with it, and is heard of a little later.
    if (error instanceof IngotError && error.code === 'guest.connection-lost')
      await Promise.race([failed, delay(ENDING_TIME, undefined, { ref: false })]);
    const isConsequence = lifeline.signal.aborted && !signal.aborted && !(error instanceof NotRestored);
    const screen = (await machine.console.screen()).lines.join('\n');
    const stopped = signal.aborted ? undefined : await qemuStopped(machine);
    const reason = stopped ?? (isConsequence ? (lifeline.signal.reason ?? error) : error);
    const cause = diagnosed(reason, BOOT, evidenceOf(machine, { screen }));
    const { factor } = accelerator;
    if (!signal.aborted && !(error instanceof NotRestored))
      await onStopped?.({ machine, error: cause, factor, privateKey: work.keys.login.privateKey });
    throw cause;
  }
  await sealedPowerOff(machine, limits.powerOff * accelerator.factor, failed);
  return { top: saver.disk, unpublished: saver.unpublished };
};

const configure = async (
  machine: Machine,
  session: Session,
  saver: Saver,
  { loaded, start, accelerator: { factor } }: ConfigureWork,
  { runFolder, reporter, signal }: StageContext,
): Promise<void> => {
  const { folder, variables, secrets, recipe } = loaded;
  if (start) reporter.note(`goes on from the checkpoint after ${placeBehind(recipe.configure, start.steps)}`);
  const { checkpoints } = recipe.machine;
  if (checkpoints && !start) await saver.save(machine, 0);
  await runSteps(
    recipe.configure,
    { session, folder, variables, secrets, hasMedium: true, factor, reporter, signal },
    {
      from: start?.steps ?? 0,
      ...(checkpoints ? { onDone: (done: number) => saver.save(machine, done) } : {}),
    },
  );
  await tellBoot(session, { folder: runFolder, reporter, factor });
  await seal(session, recipe.seal, { reporter, factor });
};

const endingError = (error: IngotError | undefined): IngotError =>
  error ??
  new IngotError('guest.powered-off', 'the guest powered off while it was being configured', {
    where: 'configure',
    hint: 'A step or a unit of the guest ends it: serial.log has its last words. A restart is the step `reboot`.',
  });

/** Only the guest's own power-off proves that sealing came to its end. */
const sealedPowerOff = async (machine: Machine, limit: number, failed: Promise<void>): Promise<void> => {
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
  await failed;
  if (ending.reason !== 'guest-shutdown') throw endingError(ending.error);
};
