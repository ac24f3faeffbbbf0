/**
 * *configure*: machine run 2, on overlays over the installed disk. First boot, the recipe's steps over SSH, then
 * sealing, which ends in the guest's own power-off. Goes on from the newest checkpoint that fits.
 */
import { rename } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { handedIn, publicKeysOf } from '../../access/access.ts';
import type { BuildKeys } from '../../access/key.ts';
import { assertPrivateKeysAbsent } from '../../capture/needles.ts';
import { sealUnitsOf } from '../../distributions/find-image.ts';
import { scriptsDigest } from '../../guest/seal/units.ts';
import { placeAfter } from '../../guest/steps.ts';
import { type FileRef, fileRef, requireSpace } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import type { Disk } from '../../machine/spec.ts';
import type { ResumeContext, Stage, StageContext } from '../../pipeline/stage.ts';
import type { Recipe } from '../../recipe/schema.ts';
import type { Base } from '../base.ts';
import { acceleratorOf, machineKey, machineOf } from '../machines.ts';
import { applicationKey } from './application.ts';
import { layerPath, openCheckpoints, removeLayers, stepsSaved } from './checkpoints.ts';
import type { Layers } from './configure-run.ts';
import type { ConfigureInput } from './configure-work.ts';
import { quietKey } from './quiet.ts';
import { asRestoring, fromNewest } from './restoring.ts';
import { slimKey } from './slim-key.ts';
import { stepKeys } from './step-key.ts';

export interface Configured {
  /** An overlay over `base`. */
  readonly disk: FileRef;
  /** The disk of the *Base*. */
  readonly base: FileRef;
  /** Public keys of the builds that were in this guest: none may be found in the captured disk. */
  readonly buildKeys: readonly string[];
  /** The disk after the first boot and after steps; what was made before checkpoints were named has none. */
  readonly checkpoints?: readonly KeptState[];
}

/** The disk of a checkpoint, which may be pruned at any time: no file of this result. */
export interface KeptState {
  /** Steps that are done in it. */
  readonly done: number;
  /** From the folder of all stages on. */
  readonly place: string;
  readonly digest: string;
}

/** Raised when the shape of `Configured` changes. */
const SHAPE = 3;

export const configureStage: Stage<ConfigureInput, Configured> = {
  name: 'configure',
  holdsSecrets: true,
  key: async ({ loaded, base }, context) => ({
    shape: SHAPE,
    disk: base.disk.sha256,
    medium: base.medium?.sha256 ?? null,
    ...(base.adopted === undefined ? {} : { answers: await applicationKey(loaded, context) }),
    machine: await machineKey(loaded.recipe),
    steps: await stepKeys(loaded, context),
    ...(await slimKey(loaded.recipe)),
    ...quietKey(loaded.recipe),
    seal: {
      ...loaded.recipe.seal,
      operations: scriptsDigest(await sealUnitsOf(loaded.recipe)),
    },
  }),
  async run(input, context) {
    const { createBuildKeys } = await import('../../access/key.ts');
    const { configureMachine } = await import('./configure-run.ts');
    const { dir, reporter, signal } = context;
    const { recipe } = input.loaded;
    const base = input.base.disk;
    await requireSpace(dir, spaceFor(input), 'configuring and capturing');
    const keys = createBuildKeys();
    const machine = await machineFor(input, keys, context);
    const checkpoints = await openCheckpoints({ ...machine, ...input.base }, context);
    const { result: layers, start } = await fromNewest(recipe, checkpoints, context, async (start) => {
      const disk = layerPath(dir);
      await asRestoring(createOverlay(start?.layers.at(-1)?.path ?? base.path, disk, signal), start, signal);
      return configureMachine({ ...input, ...machine, disk, keys, start, checkpoints }, context);
    });
    const disk = await overInstalled(layers, base.path, context);
    await assertPrivateKeysAbsent(disk, keys, { reporter, signal });
    const buildKeys = [...(start?.buildKeys ?? []), ...publicKeysOf(keys)];
    const stages = dirname(dirname(dirname(base.path)));
    const kept = layers.saved.flatMap((layer): KeptState[] => {
      const done = checkpoints.doneIn(layer);
      return done === undefined ? [] : [{ done, place: relative(stages, layer.path), digest: layer.sha256 }];
    });
    return { disk: await fileRef(disk, signal), base, buildKeys, checkpoints: kept };
  },
  async resumesAfter(input, context) {
    const { recipe } = input.loaded;
    if (!recipe.machine.checkpoints) return undefined;
    const { createBuildKeys } = await import('../../access/key.ts');
    // No machine is started here, and any keys give the same layout.
    const machine = await machineFor(input, createBuildKeys(), context);
    const steps = await stepsSaved({ ...machine, ...input.base }, context);
    return steps === undefined ? undefined : placeAfter(recipe.configure, steps);
  },
};

/** What a machine's memory takes in a checkpoint: about a quarter of it was in use. */
const MEMORY_SHARE = 0.25;

/** The flat image is about as large as the installed disk; the overlay is small. Bytes. */
const spaceFor = ({ loaded: { recipe }, base }: ConfigureInput): number =>
  base.disk.size +
  (base.adopted?.image.size ?? 0) +
  (recipe.machine.checkpoints ? MEMORY_SHARE * recipe.machine.memory : 0);

/** What a checkpoint has to match: the machine, what it is started with, and the steps. */
const machineFor = async ({ loaded, base }: ConfigureInput, keys: BuildKeys, context: ResumeContext) => {
  const accelerator = await acceleratorOf(loaded.recipe, context);
  const specFor = (disk: string) =>
    machineOf(loaded.recipe, {
      name: 'configure',
      accelerator,
      disk: { path: disk, format: 'qcow2', bus: 'virtio' },
      ...drives(loaded.recipe, base),
      oemStrings: base.adopted?.oemStrings,
      boot: ['disk'],
      forwardSsh: false,
      ...handedIn(keys),
      onReboot: 'reset',
    });
  return {
    accelerator,
    specFor,
    machine: await machineKey(loaded.recipe),
    answers: base.adopted === undefined ? null : await applicationKey(loaded, context.parts),
    steps: await stepKeys(loaded, context.parts),
  };
};

interface Drives {
  readonly furtherDisks?: readonly Disk[];
  readonly cdrom?: string;
}

/** A kernel for clouds, which an image may have, knows no CD drive; cloud-init takes a seed on any disk, by its label, and apt's medium is found so too. */
const drives = ({ slim }: Recipe, { medium, adopted }: Base): Drives => {
  const isDisk = adopted !== undefined || slim.strip.includes('cloud-kernel');
  const disks = [adopted?.seed, isDisk ? medium : undefined].filter((file) => file !== undefined);
  return {
    ...(disks.length === 0 ? {} : { furtherDisks: disks.map(readOnlyDisk) }),
    ...(medium === undefined || isDisk ? {} : { cdrom: medium.path }),
  };
};

const readOnlyDisk = ({ path }: FileRef): Disk => ({ path, format: 'raw', bus: 'virtio', readOnly: true });

const createOverlay = (base: string, path: string, signal: AbortSignal) =>
  run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, path], { signal });

/**
 * All layers of this run as one over the installed disk: nothing depends on checkpoints, which may go at any time. The
 * backing file is named relative to the overlay, so that the store can be moved.
 */
const overInstalled = async (
  { top, unpublished }: Layers,
  base: string,
  { dir, reporter, signal }: StageContext,
): Promise<string> => {
  reporter.phase('join layers');
  const disk = join(dir, 'disk.qcow2');
  if (unpublished) await setBacking(unpublished.over, unpublished.layer, signal);
  await rename(top, disk);
  // Copies what the layers between have; `qemu-img convert -B` would take the top one alone.
  const formats = ['-f', 'qcow2', '-F', 'qcow2'];
  await run('qemu-img', ['rebase', '-q', '-t', 'unsafe', ...formats, '-b', base, disk], { signal });
  const [entry, stage] = [dirname(base), dirname(dirname(base))].map((folder) => basename(folder));
  const backing = join('..', '..', stage ?? '', entry ?? '', basename(base));
  await setBacking(disk, backing, signal);
  await removeLayers(dir);
  return disk;
};

const setBacking = (path: string, backing: string, signal: AbortSignal) =>
  run('qemu-img', ['rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', backing, path], { signal });
