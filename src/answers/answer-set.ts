/** What an installer is told, as files and kernel arguments. */
import { sha256 } from '../host/files.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { Account } from './accounts.ts';

/** Base URLs of Debian's archives, as the recipe's origin or the host's apt names them. */
export interface DebianMirrors {
  readonly mirror: string;
  readonly security: string;
}

/** A text file: `path` in the initrd without a leading slash, `mode` permission bits. */
export interface AnswerFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

export interface HookContext {
  readonly root: Account;
  readonly users: readonly Account[];
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly delivery: boolean;
  /** Where the finished system gets Debian's packages from; only needed when the recipe names no repositories. */
  readonly mirrors?: DebianMirrors | undefined;
}

export interface AnswerContext extends Pick<LoadedRecipe, 'secrets' | 'files' | 'folder' | 'variables'> {
  /** A medium for other machines: no build access, the recipe's disk selector, a screen instead of a serial console. */
  readonly delivery: boolean;
  /** Where the finished system gets Debian's packages from; only needed when the recipe names no repositories. */
  readonly mirrors?: DebianMirrors | undefined;
  /** 16 to 64 of 0-9 a-f, repeated in the installer's success line; made from the content when absent. */
  readonly nonce?: string;
}

export interface AnswerSet {
  /** For the cpio that is appended to the initrd: preseed.cfg and what Ingot's hooks read; ks.cfg and ingot.ks. */
  readonly initrd: readonly AnswerFile[];
  /** Copies that are readable on the medium; without the files that hold password hashes. */
  readonly medium: readonly AnswerFile[];
  /** Kernel arguments before and after `---`. */
  readonly installerArguments: readonly string[];
  readonly targetArguments: readonly string[];
  /** What the success line of the installation must repeat. */
  readonly nonce: string;
}

export const contentNonce = (files: readonly AnswerFile[]): string => sha256(JSON.stringify(files)).slice(0, 32);
