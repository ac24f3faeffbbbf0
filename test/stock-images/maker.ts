/** What a maker of images is to `stockImage`: data that names the image in the cache, and how to make it. */
import type { AptLines } from './apt-lines.ts';
import type { Needs } from './needs.ts';

export interface MakeContext {
  readonly apt: AptLines;
  /** An empty folder, removed afterwards. */
  readonly work: string;
  readonly signal?: AbortSignal | undefined;
  readonly tell: (line: string) => void;
  /** The image that `from` names. It stays as it is. */
  readonly base: string;
}

export interface Maker {
  /** Another image that this one is made of. */
  readonly from?: 'mmdebstrap-nocloud' | 'mmdebstrap-cloud';
  /** Debian's, by number. */
  readonly release: string;
  readonly format: 'raw' | 'qcow2';
  readonly needs: Needs;
  /** Their versions, and those of all they depend on, decide whether a kept image is made again. */
  readonly packages: readonly string[];
  /** Files beside this one that decide what comes out, with the one it is made in. */
  readonly code: readonly string[];
  /** All else that the image is made of. */
  readonly definition: unknown;
  /** Writes the image to a path that does not exist yet. */
  make(image: string, context: MakeContext): Promise<void>;
}
