/**
 * *install*: machine run 1, the installer from power-on to power-off. Leaves the disk that all that follows builds on.
 * What runs a machine is loaded when one runs: a build that finds everything takes half of its time to start.
 */
import { join } from 'node:path';
import type { AnswerSet } from '../../answers/answer-set.ts';
import { installerOf } from '../../distributions/find-image.ts';
import { type FileRef, fileRef, requireSpace } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import type { Disk } from '../../machine/spec.ts';
import type { PhaseTime } from '../../machine/watch/phase-clock.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { keepAsEvidence } from '../answers/answers-stage.ts';
import { acceleratorOf, machineKey, machineOf, roomFor } from '../machines.ts';

export interface InstallInput {
  readonly loaded: LoadedRecipe;
  readonly medium: FileRef;
  /** What the medium tells the installer; its nonce is what the installer's success line has to repeat. */
  readonly answers: AnswerSet;
  /** The packages as dpkg would have unpacked them, for the installer to copy (distributions/debian/unpacked/). */
  readonly unpacked?: FileRef | undefined;
  /** How many packages the base system has, where it is known: for the progress. */
  readonly packages?: number | undefined;
}

export interface Installed {
  readonly disk: FileRef;
  readonly phases: readonly PhaseTime[];
}

/** What an installation without further packages writes, bytes. */
const SMALLEST_SYSTEM = 1.5 * 2 ** 30;

/**
 * An installer is one chain of short programs. Under emulation, where translated code is shared between the processors,
 * a second one slows each of them down: 200 programs take 2.0 s on one and 4 s on two.
 */
const EMULATED = { cpus: 1 };

/** The installer recognizes it by its serial number; it never installs on a read-only disk. */
const unpackedDisk = ({ path }: FileRef): Disk => ({
  path,
  format: 'raw',
  bus: 'virtio',
  readOnly: true,
  serial: 'ingot-unpacked',
});

export const installStage: Stage<InstallInput, Installed> = {
  name: 'install',
  holdsSecrets: true,
  key: async ({ loaded, medium, unpacked }) => ({
    medium: medium.sha256,
    machine: await machineKey(loaded.recipe),
    unpacked: unpacked?.sha256 ?? null,
  }),
  async run({ loaded, medium, answers, packages, unpacked }, context) {
    const { startMachine } = await import('../../machine/machine.ts');
    const { watchInstall } = await import('../../machine/watch/watch.ts');
    const { keepPictures } = await import('../../machine/picture-strip.ts');
    const { saveInstallerEvidence } = await import('../../machine/watch/installer-evidence.ts');
    const { qemuStopped } = await import('../../machine/stopped.ts');
    const { recipe, secrets } = loaded;
    const installer = await installerOf(recipe);
    const { dir, runFolder, reporter, onStopped, signal } = context;
    const path = join(dir, 'disk.qcow2');
    await keepAsEvidence(answers, join(runFolder, 'answers'), secrets);
    await requireSpace(dir, Math.min(recipe.machine.disk, SMALLEST_SYSTEM), 'the installation');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, String(recipe.machine.disk)], { signal });
    const accelerator = await acceleratorOf(recipe, context);
    const spec = machineOf(recipe, {
      name: 'install',
      accelerator,
      ...(accelerator.accelerator === 'tcg' && !recipe.tuning.skip.includes('one-processor') ? EMULATED : {}),
      disk: { path, format: 'qcow2', bus: 'virtio' },
      ...(unpacked === undefined ? {} : { furtherDisks: [unpackedDisk(unpacked)] }),
      cdrom: medium.path,
      boot: ['cdrom', 'disk'],
      forwardSsh: false,
      onReboot: 'shutdown',
    });
    using _room = await roomFor(spec, context);
    await using machine = await startMachine(spec, { folder: runFolder, redact: secrets.redact, reporter, signal });
    await using strip = await keepPictures(machine.console, { folder: runFolder, reporter, redact: secrets.redact });
    let question: string | undefined;
    const watching = watchInstall(machine, {
      installer: installer.phases,
      limit: recipe.machine.limits.phase,
      limits: recipe.machine.limits.phases,
      factor: accelerator.factor,
      idleLimit: recipe.machine.limits.idle,
      nonce: answers.nonce,
      questionOn: async (screen) => {
        const asked = await installer.questionOn(screen, medium.path, signal);
        question = asked?.name;
        return asked;
      },
      ...(packages === undefined ? {} : { packageLines: packages * (unpacked ? 1 : 2) }),
      reporter: strip.reporter,
      signal,
    });
    const { phases } = await watching.catch(async (error: unknown) => {
      const { diagnosed, evidenceOf } = await import('../../diagnosis/diagnosed.ts');
      const screen = (await machine.console.screen()).lines.join('\n');
      const stopped = signal.aborted ? undefined : await qemuStopped(machine);
      const cause = diagnosed(stopped ?? error, installer.causes, evidenceOf(machine, { screen, question }));
      // Not needed: that it could not be kept must not hide why the installation stopped.
      if (!signal.aborted)
        await saveInstallerEvidence(machine, { redact: secrets.redact, factor: accelerator.factor }).catch(
          () => undefined,
        );
      if (!signal.aborted) await onStopped?.({ machine, error: cause, factor: accelerator.factor });
      throw cause;
    });
    return { disk: await fileRef(path, signal), phases };
  },
};
