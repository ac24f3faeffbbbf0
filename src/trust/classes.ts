/** What is said of each file of an image, and how it is told: the words of the check, in one place. */
import type { FileNode } from '../capture/file-tree.ts';

/** Every file has one. docs/trust.md says what each means. */
export const CLASSES = {
  verified: 'as a signed package has it',
  configuration: 'a configuration file of a package, changed by something that is known',
  generated: 'made on the system by something that is known: a rule of the closed list',
  ingot: 'written by Ingot itself',
  step: 'changed after the installation, in the build: by a step, the first boot or sealing',
  unjudged: 'of a package that could not be had, so nothing is known',
  unexplained: 'nothing accounts for it',
} as const;

export type FileClass = keyof typeof CLASSES;

/** In what a file is not as it should be. */
export type Aspect = 'type' | 'content' | 'mode' | 'owner' | 'target' | 'device' | 'attributes';

export interface Classed {
  readonly class: FileClass;
  /** `openssl 3.0.22-1~deb12u2`. */
  readonly package?: string;
  /** Name of the rule that accounts for it. */
  readonly rule?: string;
  /** Its package says that it may be changed. */
  readonly isConfiguration?: true;
  /** In what it differs from its package. */
  readonly differs?: readonly Aspect[];
  /** Which part of the build changed it. */
  readonly by?: string;
  /** Why nothing accounts for it, where more is known than that. */
  readonly why?: string;
}

/** What a signed package says of one path. */
export interface Expected {
  readonly package: string;
  readonly type: FileNode['type'];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Of a file. */
  readonly sha256?: string;
  /** Of a symbolic link. */
  readonly target?: string;
  /** Of a device: its kind with both numbers. */
  readonly device?: string;
  /** Extended attributes by name, in hex: what a maintainer script is known to set. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly isConfiguration?: true;
}

/** The classes of all files by path, what is missing, and what else was found. */
export interface Classification {
  readonly files: ReadonlyMap<string, Classed>;
  readonly missing: ReadonlyMap<string, Classed>;
}
