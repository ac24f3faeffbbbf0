/** What a booted guest has told of itself, in one round. */

export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** As `ss` writes it, without brackets and interface: `0.0.0.0`, `::`, `127.0.0.53`. */
  readonly address: string;
  readonly port: number;
  /** Empty where it is not known. */
  readonly process: string;
}

export interface UnitState {
  readonly unit: string;
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  readonly type: string;
  /** `success`, `exit-code`, … */
  readonly result: string;
  /** Whether it has run to its end in this boot. */
  readonly hasEnded: boolean;
}

export interface FailedUnit {
  readonly unit: string;
  /** The last lines of its journal. */
  readonly lines: readonly string[];
}

export interface JournalLine {
  /** syslog(3): 0 emerg to 7 debug. */
  readonly priority: number;
  readonly who: string;
  readonly text: string;
}

export interface MountState {
  readonly device: string;
  readonly path: string;
  readonly type: string;
  readonly options: readonly string[];
  /** Bytes. */
  readonly size: number | undefined;
  readonly free: number | undefined;
}

export interface FileState {
  /** `0644` */
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
  readonly type: 'file' | 'folder' | 'link' | 'other';
}

/** What its path leads to. */
export interface GuestFile extends FileState {
  /** Where the path is a link: the link itself. */
  readonly link?: FileState & { readonly target: string };
  /** Its beginning; undefined of what is no file. */
  readonly content: string | undefined;
  /** There may be more than its beginning. */
  readonly isCut?: boolean;
}

export interface Facts {
  /** `systemctl is-system-running` */
  readonly state: string;
  readonly failed: readonly FailedUnit[];
  /** Units that still wait to be started or stopped. */
  readonly jobs: readonly string[];
  /** Milliseconds from the kernel's start to the end of the boot; undefined before it. */
  readonly bootTime: number | undefined;
  /** What took longest, `9.2s dev-vda1.device`; empty where nobody asks how long the boot took. */
  readonly longest: readonly string[];
  /** Of this boot, warning and worse. */
  readonly journal: readonly JournalLine[];
  readonly units: ReadonlyMap<string, UnitState>;
  readonly listeners: readonly Listener[];
  readonly sysctls: ReadonlyMap<string, string>;
  readonly mounts: readonly MountState[];
  readonly files: ReadonlyMap<string, GuestFile>;
  /** Names of its network cards, and their addresses. */
  readonly cards: ReadonlyMap<string, string>;
  readonly bootId: string;
  /** Bytes of the disk that root is on, as the kernel sees it. */
  readonly diskSize: number | undefined;
}
