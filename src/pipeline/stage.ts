/**
 * A stage of the build: typed input, typed output, and a key, which alone identifies the result. What only
 * describes (titles, limits, progress) stays outside the key.
 */
import type { Machine } from '../machine/machine.ts';
import type { Reporter } from '../report.ts';
import type { Slots } from './slots.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Everything that shapes a stage's result, by digest where it is large; the values are compared and shown. */
export type StageKey = { readonly [name: string]: Json };

/** Stands in for a secret in a key: an HMAC under a random key of this store (RFC 2104, SHA-256, hex). */
export interface SecretDigests {
  secretDigest(secret: string): string;
}

export interface KeyContext extends SecretDigests {
  /** The store's folder for what stages share: packages, ISOs and images by digest, the accelerator's verdict. */
  readonly shared: (name: 'packages' | 'isos' | 'images' | 'host') => string;
}

/** Results within a stage that are worth keeping on their own (checkpoints). */
export interface Parts extends SecretDigests {
  /** Only what is whole; a damaged one is removed, and reported. */
  find(name: string, key: StageKey): Promise<unknown>;
  /** The keys of all of this name. */
  keys(name: string): Promise<readonly StageKey[]>;
  /** Whether there is one, whole or not. */
  has(name: string, key: StageKey): Promise<boolean>;
  /** Takes the folder, and marks the result as one that can hold secrets. Undefined when there is such a result already: it stays, and the folder goes. */
  publish(name: string, key: StageKey, folder: string, out: unknown): Promise<unknown>;
  /** Where a result lies or will lie. */
  folderOf(name: string, key: StageKey): string;
  /** For a result that turned out to be of no use. */
  remove(name: string, key: StageKey): Promise<void>;
}

/** A machine that will not reach what it was started for, and that still runs. */
export interface StoppedMachine {
  readonly machine: Machine;
  readonly error: unknown;
  /** How much longer than with KVM things take. */
  readonly factor: number;
  /** Reaches root where the machine takes SSH logins; OpenSSH's format. */
  readonly privateKey?: string;
}

export type OnStopped = (stopped: StoppedMachine) => Promise<void>;

export interface StageContext {
  /** The folder for the result; it becomes the store entry when `run` returns. */
  readonly dir: string;
  /** This stage's part of the run folder: logs, screens, `launch.sh`. Stays after a failure. */
  readonly runFolder: string;
  readonly shared: KeyContext['shared'];
  readonly parts: Parts;
  /** Room on the host for a machine; other builds of this process may have machines too. */
  readonly slots: Slots;
  /** Looks at a machine before it is ended. */
  readonly onStopped?: OnStopped | undefined;
  readonly reporter: Reporter;
  /** Indexes older than the newest ones that this store has seen are taken. */
  readonly allowOlder: boolean;
  readonly signal: AbortSignal;
}

/** What a stage needs to see how far an earlier run came. */
export type ResumeContext = Pick<StageContext, 'shared' | 'reporter' | 'signal'> & {
  readonly parts: Pick<Parts, 'has' | 'secretDigest'>;
};

/**
 * `Out` is plain JSON in which files are `FileRef`s (`fileRef`, `fileOf`); those inside `dir` are stored with relative
 * paths, so that a store can be moved. Other data with a path, a size and a sum is no file.
 */
export interface Stage<In, Out> {
  /** Of the folder in the store. */
  readonly name: string;
  /** The recipe that it belongs to, where it is not the one that is built. */
  readonly of?: string;
  /**
   * Its results can hold secrets (password hashes, a machine that is not sealed): they are marked, and leave the store
   * only when that is asked for.
   */
  readonly holdsSecrets?: boolean;
  key(input: In, context: KeyContext): StageKey | Promise<StageKey>;
  run(input: In, context: StageContext): Promise<Out>;
  /** What a run would go on after, in words, where its own parts let it; makes and removes nothing. */
  resumesAfter?(input: In, context: ResumeContext): Promise<string | undefined>;
}

/** Its name in a build: `configure`; for a recipe below, `base: configure`. */
export const titleOf = ({ name, of }: Pick<Stage<never, unknown>, 'name' | 'of'>): string =>
  of === undefined ? name : `${of}: ${name}`;
