/** The machine of *configure* while it runs, and what ends the waiting and the steps in it. */
import { watchBoot } from '../../diagnosis/boot-stop.ts';
import { IngotError } from '../../errors.ts';
import { type Machine, startMachine } from '../../machine/machine.ts';
import { keepPictures, type PictureStrip } from '../../machine/picture-strip.ts';
import type { MachineSpec } from '../../machine/spec.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { ConfigureWork } from './configure-work.ts';
import { asRestoring } from './restoring.ts';

export interface MachineRun extends AsyncDisposable {
  readonly machine: Machine;
  readonly strip: PictureStrip;
  /** Aborted, with the reason, when the guest is of no more use: it has ended, its boot stands still, it does nothing. */
  readonly lifeline: AbortController;
  /** Resolves when the machine has ended and the lifeline knows of it. */
  readonly ended: Promise<void>;
}

/** Starts it, or lets it go on from a checkpoint. */
export const openMachine = async (
  spec: MachineSpec,
  { start, loaded }: ConfigureWork,
  { runFolder: folder, reporter, signal }: StageContext,
): Promise<MachineRun> => {
  const { redact } = loaded.secrets;
  await using opened = new AsyncDisposableStack();
  const incoming = start?.memory.path;
  const starting = startMachine(spec, { folder, redact, reporter, signal, incoming });
  const machine = opened.use(await asRestoring(starting, start, signal));
  const strip = opened.use(await keepPictures(machine.console, { folder, reporter, redact }));
  const lifeline = new AbortController();
  const ended = machine.ended.then((ending) => lifeline.abort(endingError(ending.error)));
  opened.use(watchBoot(machine, 'configure/first boot', (error) => lifeline.abort(error)));
  const all = opened.move();
  return { machine, strip, lifeline, ended, [Symbol.asyncDispose]: () => all.disposeAsync() };
};

export const endingError = (error: IngotError | undefined): IngotError =>
  error ??
  new IngotError('guest.powered-off', 'the guest powered off while it was being configured', {
    where: 'configure',
    hint: 'A step or a unit of the guest ends it: serial.log has its last words. A restart is the step `reboot`.',
  });
