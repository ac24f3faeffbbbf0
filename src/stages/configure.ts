/**
 * *configure*: machine run 2, on an overlay over the installed disk. First boot, the recipe's steps over SSH, then
 * sealing, which ends in the guest's own power-off.
 */
import { basename, dirname, join } from 'node:path';
import { canonicalJson } from '../canonical-json.ts';
import { assertPrivateKeyAbsent } from '../capture/needles.ts';
import { IngotError } from '../errors.ts';
import { createBuildKey } from '../guest/key.ts';
import { seal } from '../guest/seal/seal.ts';
import { SEAL_UNITS } from '../guest/seal/units.ts';
import { Session } from '../guest/session.ts';
import { runSteps } from '../guest/steps.ts';
import { type FileRef, fileRef, sha256 } from '../host/files.ts';
import { run } from '../host/run.ts';
import { type Machine, startMachine } from '../machine/machine.ts';
import type { Stage, StageContext } from '../pipeline/stage.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { Installed } from './install.ts';
import { acceleratorOf, machineKey, machineOf } from './machines.ts';
import { stepKeys } from './step-key.ts';

export interface ConfigureInput {
  readonly loaded: LoadedRecipe;
  readonly installed: Installed;
  /** Stays in the drive, as a package source for the steps. */
  readonly medium: FileRef;
}

export interface Configured {
  /** An overlay; its backing file is the installed disk. */
  readonly disk: FileRef;
  /** The build's public key: it must not be found in the captured disk. */
  readonly buildKey: string;
}

export const configureStage: Stage<ConfigureInput, Configured> = {
  name: 'configure',
  key: async ({ loaded, installed, medium }, context) => ({
    disk: installed.disk.sha256,
    medium: medium.sha256,
    machine: await machineKey(loaded.recipe),
    steps: await stepKeys(loaded, context),
    seal: {
      ...loaded.recipe.seal,
      operations: sha256(canonicalJson(SEAL_UNITS.map(({ name, script }) => [name, script]))),
    },
  }),
  async run(input, context) {
    const { dir, runFolder, reporter, signal } = context;
    const { recipe } = input.loaded;
    const disk = join(dir, 'disk.qcow2');
    const base = input.installed.disk.path;
    await createOverlay(base, disk, signal);
    const key = createBuildKey();
    const accelerator = await acceleratorOf(recipe, context);
    const spec = machineOf(recipe, {
      name: 'configure',
      accelerator,
      disk: { path: disk, format: 'qcow2', bus: 'virtio' },
      cdrom: input.medium.path,
      boot: ['disk'],
      forwardSsh: true,
      credentials: { 'ssh.authorized_keys.root': key.publicKey },
      onReboot: 'reset',
    });
    reporter.phase('first boot');
    await using machine = await startMachine(spec, { folder: runFolder, reporter, signal });
    await configure(machine, { ...input, key, factor: accelerator.factor }, context);
    await assertPrivateKeyAbsent(disk, key, { reporter, signal });
    await makeMovable(base, disk, signal);
    return { disk: await fileRef(disk, signal), buildKey: key.publicKey };
  },
};

const createOverlay = (base: string, path: string, signal: AbortSignal) =>
  run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, path], { signal });

/** In the store the backing file is named relative to the overlay, so that the store can be moved. */
const makeMovable = (base: string, path: string, signal: AbortSignal) => {
  const [entry, stage] = [dirname(base), dirname(dirname(base))].map((folder) => basename(folder));
  const backing = join('..', '..', stage ?? '', entry ?? '', basename(base));
  return run('qemu-img', ['rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', backing, path], { signal });
};

interface Work extends ConfigureInput {
  readonly key: ReturnType<typeof createBuildKey>;
  readonly factor: number;
}

const configure = async (machine: Machine, work: Work, { reporter, signal }: StageContext): Promise<void> => {
  const { loaded, installed, key, factor } = work;
  const { limits } = loaded.recipe.machine;
  if (machine.sshPort === undefined) throw new IngotError('machine.no-port', 'QEMU forwards no port to the guest');
  // What ends the machine ends the waiting and the steps as well.
  const lifeline = new AbortController();
  const failed = machine.ended.then((ending) => lifeline.abort(endingError(ending.error)));
  try {
    await using session = await Session.connect({
      port: machine.sshPort,
      hostKeys: installed.hostKeys,
      key,
      limit: limits.firstBoot * factor,
      redact: (text) => loaded.secrets.redact(text),
      reporter,
      signal: AbortSignal.any([signal, lifeline.signal]),
    });
    const { folder, variables, secrets } = loaded;
    await runSteps(loaded.recipe.configure, { session, folder, variables, secrets, hasMedium: true, reporter, signal });
    await seal(session, loaded.recipe.seal, reporter);
  } catch (error) {
    throw signal.aborted || !lifeline.signal.aborted ? error : (lifeline.signal.reason ?? error);
  }
  await sealedPowerOff(machine, limits.powerOff * factor, failed);
};

const endingError = (error: IngotError | undefined): IngotError =>
  error ?? new IngotError('guest.powered-off', 'the guest powered off while it was being configured');

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
