/** An entry of the catalogue: something that a system sends by itself, how it is found on a disk, and how it is switched off. */
import type { EgressClass } from '../../recipe/schema/telemetry-schema.ts';

/** A value in a file of configuration. The last of the files that has it counts. */
export interface Setting {
  /**
   * ini: `key=value` below `[section]`; shell: `KEY="value"`; apt: `Key "value";`; yaml: `key: value`, at the beginning of a line;
   * words: `key value`; forwarding: rsyslog's `@host`, `@@host`, and omfwd's target, whatever the key;
   * present: whether there is such a file, `present` or `absent`.
   */
  readonly syntax: 'ini' | 'shell' | 'apt' | 'yaml' | 'words' | 'forwarding' | 'present';
  /** Patterns of paths, from the weakest to the strongest. */
  readonly files: readonly string[];
  readonly section?: string;
  readonly key: string;
  /** With one of these it sends nothing; an empty one is written as ''. */
  readonly off: readonly string[];
  /** What counts where no file says it. */
  readonly standard: string;
  /** Another one counts where the program itself has this text: distributions compile different ones in. */
  readonly compiledIn?: { readonly files: readonly string[]; readonly text: string; readonly value: string };
}

/** By what a flow is known to be this one's: all that is named has to fit. A question for the name of a host is this one's too. */
export interface Endpoint {
  /** `popcon.debian.org`, or `*.debian.pool.ntp.org`. */
  readonly host?: string;
  readonly address?: string;
  readonly port?: number;
  /** The beginning of what an HTTP client calls itself. */
  readonly userAgent?: string;
  /** A mirror that the image itself has packages from. */
  readonly mirror?: true;
  readonly protocol?: 'ntp' | 'mdns' | 'llmnr';
}

export type OffAction =
  /** Cannot be started any more, not even by others. Units that are not there are left out. */
  | { readonly kind: 'mask'; readonly units: readonly string[] }
  /** A file of our own, which the program reads besides its own, where `when` is there. */
  | { readonly kind: 'write'; readonly path: string; readonly content: string; readonly when: string }
  /** A line of a shell's variables, where the file is there. */
  | { readonly kind: 'set'; readonly path: string; readonly key: string; readonly value: string };

export interface Entry {
  readonly id: string;
  readonly title: string;
  readonly class: EgressClass;
  /** IDs of os-release(5); `*` for all. */
  readonly distributions: readonly string[];
  /** Any one of them. */
  readonly packages: readonly string[];
  /** Any one of them, where packages are not known or it comes without one. */
  readonly files: readonly string[];
  /** Any one of them has to be enabled and not masked; none: it runs for other reasons. */
  readonly units: readonly string[];
  readonly settings: readonly Setting[];
  readonly endpoints: readonly Endpoint[];
  /** What goes out, and whether it tells who sends it. */
  readonly sends: string;
  readonly trigger: string;
  readonly off: readonly OffAction[];
  /** For what Ingot does not switch off itself. */
  readonly advice?: string;
  /** Where it can be looked up, and when it was. Without one the entry is unverified, and fails no policy. */
  readonly source: { readonly what: string; readonly date: string } | undefined;
}
