/** What a look at an image's network is told to do, and what it has seen. */
import type { DiskFormatName } from '../../formats/disk-images/disk-image.ts';
import type { Accelerator } from '../../machine/accelerator.ts';
import type { DiskBus, Firmware } from '../../machine/spec.ts';
import type { Reporter } from '../../report.ts';
import type { Flow } from '../flow.ts';
import type { SinkMode } from '../sink.ts';

export interface ImageLooked {
  readonly path: string;
  readonly format: DiskFormatName;
  /** What a copy takes, bytes. */
  readonly allocated: number;
  /** The version of its systemd, where it is known. */
  readonly systemd: number | undefined;
}

export interface LookOptions {
  readonly mode: SinkMode;
  /** How long it is watched once it has booted, milliseconds. */
  readonly length: number;
  /** Whether each timer's service is started once. */
  readonly timers: boolean;
  readonly pcap: string | undefined;
  readonly accelerator: Accelerator;
  readonly machine: {
    readonly cpus: number;
    /** Bytes. */
    readonly memory: number;
    readonly firmware: Firmware;
    readonly bus: DiskBus;
  };
}

export interface LookContext {
  /** For the disk, and the logs of the machine. */
  readonly folder: string;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

export interface TimerFired {
  readonly timer: string;
  readonly unit: string;
  /** `success`, `failed`, `still running`, or what systemd calls it. */
  readonly result: string;
}

/** How the guest came up, as systemd tells it; undefined where nobody could ask it. */
export interface BootSeen {
  /** `running`, `degraded`, `starting` */
  readonly state: string;
  /** From the kernel's start, milliseconds. */
  readonly took: number | undefined;
  readonly failed: readonly string[];
}

export interface Seen {
  readonly mode: SinkMode;
  readonly flows: readonly Flow[];
  /** Of the link itself: ARP, neighbours, group membership; and what could not be read. */
  readonly frames: { readonly link: number; readonly unread: number };
  /** Flows that found no room in the table. */
  readonly lost: number;
  /** Whether it came up: it could be asked, or showed a login prompt. */
  readonly isUp: boolean;
  readonly boot: BootSeen | undefined;
  /** Undefined: nobody asked for it, or there was no way in; then the clock was set forward instead. */
  readonly timers: readonly TimerFired[] | undefined;
  /** Why there was no way in. */
  readonly noWayIn: string | undefined;
  /** Whether the guest powered itself off when it was asked to. */
  readonly poweredOff: boolean;
  /** Milliseconds from power-on to the end. */
  readonly length: number;
}
