/**
 * Checkpoints of *configure*: the running machine after the first boot and after steps, each a result of the store.
 * A disk of a checkpoint is an overlay over the one before, the first over the installed disk. The file names are
 * unique, so that a layer that was made again is never taken for the old one. In the store they name each other by
 * relative paths, so that it can be moved.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { canonicalJson } from '../../canonical-json.ts';
import { type FileRef, fileRef } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import type { Accelerator } from '../../machine/accelerator.ts';
import { machineLayout } from '../../machine/launcher.ts';
import type { Machine } from '../../machine/machine.ts';
import { saveMachine } from '../../machine/saved-state.ts';
import type { MachineSpec } from '../../machine/spec.ts';
import type { Json, Parts, StageContext, StageKey } from '../../pipeline/stage.ts';
import type { Base } from '../base.ts';

const NAME = 'checkpoint';

export interface Checkpoint {
  /** How many configure steps are done in it. */
  readonly steps: number;
  readonly memory: FileRef;
  /** The disk's overlays, from the one over the disk of the *Base* to the one that the guest had. */
  readonly layers: readonly FileRef[];
  /** Public build keys that this guest has seen. */
  readonly buildKeys: readonly string[];
}

export interface CheckpointPlan extends Base {
  /** The machine with a disk at a path. */
  specFor(disk: string): MachineSpec;
  readonly accelerator: Accelerator;
  readonly machine: Json;
  /** What is applied to a system that somebody else has made. */
  readonly answers: Json;
  /** Keys of the steps, in order. */
  readonly steps: readonly Json[];
}

export interface Checkpoints {
  /** The one with the most steps done, `suspects` left out; undefined when there is none. */
  newest(suspects?: readonly Pick<Checkpoint, 'steps'>[]): Promise<Checkpoint | undefined>;
  /** How all those of this disk differ from this run, in words; undefined when there are none, or when one fits. */
  differences(): Promise<string | undefined>;
  /**
   * Calls `onDisk` with the disk that the guest writes to from now on, whether or not the rest succeeds. Undefined when such a
   * checkpoint is there already: its layer is not this guest's, so nothing can be put on top of it.
   */
  save(machine: Machine, what: SaveInput, onDisk: (disk: string) => void): Promise<Checkpoint | undefined>;
  remove(checkpoint: Checkpoint): Promise<void>;
  /** How many steps are done in the checkpoint whose own layer this is; undefined for one of another machine or other steps. */
  doneIn(layer: Pick<FileRef, 'path'>): number | undefined;
}

export interface SaveInput {
  readonly steps: number;
  /** The overlay that the guest writes to now. */
  readonly disk: string;
  readonly below: readonly FileRef[];
  readonly buildKeys: readonly string[];
}

export const openCheckpoints = async (plan: CheckpointPlan, context: StageContext): Promise<Checkpoints> => {
  const { dir, parts, signal } = context;
  const base = await baseKey(plan);
  const keyOf = (steps: number): StageKey => keyFor(plan, base, steps);
  return {
    async newest(suspects = []) {
      for (let steps = plan.steps.length; steps >= 0; steps--) {
        if (suspects.some((one) => one.steps === steps)) continue;
        const found = await parts.find(NAME, keyOf(steps));
        // The shape is what `save` has published under this name.
        if (found !== undefined) return found as Checkpoint;
      }
      return undefined;
    },
    async differences() {
      const ofDisk = (await parts.keys(NAME)).filter(({ disk }) => disk === base.disk);
      const differing = ofDisk.map((key) => FITTING.filter(([field]) => !isSame(key[field], base[field])));
      if (differing.length === 0 || differing.some((fields) => fields.length === 0)) return undefined;
      return FITTING.filter((field) => differing.flat().includes(field))
        .map(([, words]) => words)
        .join(', ');
    },
    async save(machine, { steps, disk, below, buildKeys }, onDisk) {
      const folder = join(dir, `${NAME}-${steps}`);
      await mkdir(folder);
      const next = layerPath(dir);
      const memoryFile = join(folder, 'memory');
      const backing = join(parts.folderOf(NAME, keyOf(steps)), basename(disk));
      const memory = await saveMachine(machine.qmp, { memory: memoryFile, overlay: next, backing, onDisk, signal });
      const frozen = join(folder, basename(disk));
      // QEMU has the file itself open; its copy gets the name that the layer below has in the store.
      await run('cp', ['--reflink=auto', disk, frozen], { signal });
      const lower = below.at(-1) ?? plan.disk;
      const place = relative(parts.folderOf(NAME, keyOf(steps)), lower.path);
      await run('qemu-img', ['rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', place, frozen], { signal });
      const checkpoint = { steps, memory, layers: [...below, await fileRef(frozen, signal)], buildKeys };
      // The store gives the same shape back with paths moved.
      return (await parts.publish(NAME, keyOf(steps), folder, checkpoint)) as Checkpoint | undefined;
    },
    remove: ({ steps }) => parts.remove(NAME, keyOf(steps)),
    doneIn({ path }) {
      const done = Array.from({ length: plan.steps.length + 1 }, (_, steps) => steps);
      return done.find((steps) => parts.folderOf(NAME, keyOf(steps)) === dirname(path));
    },
  };
};

/** What a saved machine depends on, besides its disk and its steps. */
const FITTING = [
  ['accelerator', 'accelerator'],
  ['cpu', 'processor'],
  ['machine', 'size or QEMU'],
  ['layout', 'devices'],
  ['medium', 'medium in the drive'],
  ['answers', 'answers for the image'],
] as const;

const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  canonicalJson(one ?? null) === canonicalJson(other ?? null);

/** How many steps are done in the newest checkpoint, whole or not; undefined when there is none. */
export const stepsSaved = async (
  plan: CheckpointPlan,
  { parts }: { readonly parts: Pick<Parts, 'has'> },
): Promise<number | undefined> => {
  const base = await baseKey(plan);
  for (let steps = plan.steps.length; steps >= 0; steps--) {
    if (await parts.has(NAME, keyFor(plan, base, steps))) return steps;
  }
  return undefined;
};

const keyFor = (plan: CheckpointPlan, base: StageKey, steps: number): StageKey => ({
  ...base,
  steps: plan.steps.slice(0, steps),
});

const OURS = /^(layer-[0-9a-f]{16}\.qcow2|checkpoint-\d+)$/;

export const layerPath = (folder: string): string => join(folder, `layer-${randomBytes(8).toString('hex')}.qcow2`);

/** Those in the stage's own folder, and what a failed checkpoint has left; those of the store stay. */
export const removeLayers = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) if (OURS.test(name)) await rm(join(folder, name), { recursive: true });
};

/** Memory only fits the very same machine. */
const baseKey = async ({ disk, medium, adopted, answers, specFor, accelerator, machine }: CheckpointPlan) => ({
  disk: disk.sha256,
  medium: (medium ?? adopted?.seed)?.sha256 ?? null,
  answers,
  machine,
  layout: await machineLayout(specFor('disk')),
  accelerator: accelerator.accelerator,
  cpu: accelerator.accelerator === 'kvm' ? await hostCpu() : null,
});

/** With KVM the guest has seen the host's processor. */
const hostCpu = async (): Promise<Json> => {
  const text = await readFile('/proc/cpuinfo', 'utf8');
  const field = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(text)?.[1] ?? null;
  return { model: field('model name'), flags: field('flags') };
};
