/** Why the machine run of *configure* stopped, and what is kept of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { BOOT } from '../../diagnosis/catalogue/catalogue.ts';
import { diagnosed, evidenceOf } from '../../diagnosis/diagnosed.ts';
import { IngotError } from '../../errors.ts';
import { writeLauncher } from '../../machine/launcher.ts';
import { qemuStopped } from '../../machine/stopped.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { ConfigureWork } from './configure-work.ts';
import type { MachineRun } from './machine-run.ts';
import { NotRestored } from './restoring.ts';
import type { Saver } from './saver.ts';

/** QEMU's end: its last output, the picture of the console; milliseconds. */
const ENDING_TIME = 5000;

/** The error to end with: the cause of `error`, where one is known. Whoever watches gets the machine meanwhile. */
export const runStopped = async (
  error: unknown,
  run: MachineRun,
  { saver, work, context }: { readonly saver: Saver; readonly work: ConfigureWork; readonly context: StageContext },
): Promise<unknown> => {
  const { machine } = run;
  const { runFolder, onStopped, signal } = context;
  // For the user: by hand the launcher starts the disk as it is now, not the layer that the machine began with.
  await writeLauncher(work.specFor(saver.disk), runFolder).catch(() => undefined);
  // When a machine ends, its connections break first; its end is known a little later.
  if (error instanceof IngotError && error.code === 'guest.connection-lost')
    await Promise.race([run.ended, delay(ENDING_TIME, undefined, { ref: false })]);
  const screen = (await machine.console.screen()).lines.join('\n');
  const reason = signal.aborted ? error : await reasonOf(error, run);
  const cause = diagnosed(reason, BOOT, evidenceOf(machine, { screen }));
  const { factor } = work.accelerator;
  if (!signal.aborted && !(error instanceof NotRestored))
    await onStopped?.({ machine, error: cause, factor, privateKey: work.keys.login.privateKey });
  return cause;
};

/** What cut the lifeline comes before what broke because of it. */
const reasonOf = async (error: unknown, { machine, lifeline }: MachineRun): Promise<unknown> => {
  const isConsequence = lifeline.signal.aborted && !(error instanceof NotRestored);
  return (await qemuStopped(machine)) ?? (isConsequence ? (lifeline.signal.reason ?? error) : error);
};
