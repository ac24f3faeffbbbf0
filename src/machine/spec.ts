/** What a machine is made of. Everything that a launcher needs is here, and nothing of what happens later. */
import type { DiskFormatName } from '../formats/disk-images/disk-image.ts';

export type Firmware = 'bios' | 'uefi' | 'uefi-secure';
/** ide: a disk on the IDE controller of an older machine (i440FX), which has no AHCI and no PCI Express. */
export type DiskBus = 'virtio' | 'scsi' | 'ahci' | 'nvme' | 'usb' | 'ide';
export type BootDevice = 'disk' | 'cdrom' | 'usb' | 'network';

export interface Disk {
  readonly path: string;
  readonly format: DiskFormatName;
  readonly bus: DiskBus;
  readonly readOnly?: boolean;
  /** What the guest sees as the disk's serial number (`/dev/disk/by-id`). */
  readonly serial?: string;
}

export interface Network {
  /**
   * isolated: the guest reaches nothing; open: what the host reaches; none: no card at all; stream: its frames come to Ingot, by
   * `Machine.frames` (by hand it is isolated then).
   */
  readonly mode: 'isolated' | 'open' | 'none' | 'stream';
  readonly model: 'virtio' | 'e1000e';
  /** Forward a port of 127.0.0.1, which QEMU picks, to the guest's port 22. */
  readonly forwardSsh: boolean;
  readonly mac?: string;
  /**
   * What DHCP names as the file to boot: a URL, or a name in `folder`, which the virtual network's own TFTP server has.
   * For a machine that boots from `network`.
   */
  readonly netboot?: { readonly file: string; readonly folder?: string };
  /** PCI slot of the card, 1 to 30; the next free one when absent. */
  readonly slot?: number;
}

/** A kernel that QEMU loads itself, past firmware and boot loader. */
export interface DirectKernel {
  readonly image: string;
  readonly initrd?: string;
  readonly append: string;
}

export interface MachineSpec {
  /** Shown in the process list and in the launcher: `install`, `configure`. */
  readonly name: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly firmware: Firmware;
  /** As proved by `probeAccelerator`. */
  readonly accelerator: 'kvm' | 'tcg';
  readonly disks: readonly Disk[];
  /** An ISO in a CD drive on the AHCI bus. */
  readonly cdrom?: string;
  /** A raw image as a removable USB stick. */
  readonly usb?: string;
  readonly boot: readonly BootDevice[];
  readonly kernel?: DirectKernel;
  readonly network: Network;
  /** What its clock says at power-on; the host's time when absent. */
  readonly clock?: Date;
  /** Strings for the guest's systemd (SMBIOS type 11): credentials that are not secret, since they are on the command line. */
  readonly oemStrings?: readonly string[];
  /** What its firmware says about it (SMBIOS type 1): an installer recognizes its hosts by this. */
  readonly system?: { readonly serial?: string | undefined; readonly uuid?: string | undefined };
  /**
   * Handed to the guest by the hypervisor, as fw_cfg files `opt/org.ingot/NAME` (for the guest's root alone). The values are
   * in no command line and in no file of the run folder.
   */
  readonly credentials?: Readonly<Record<string, string>>;
  /** Name of the virtio-serial port of the installer's log; no port when absent. */
  readonly logPort?: string;
  /** How many virtio-serial ports lead to the build's own sshd in the guest, a connection each; none when absent. */
  readonly doors?: number;
  /** false: no virtio-rng and no panic device, as on real hardware. */
  readonly paravirtual?: boolean;
  /** `shutdown` ends QEMU when the guest restarts, as an installer does at its end. */
  readonly onReboot: 'reset' | 'shutdown';
}

export const LOG_PORT = 'org.ingot.log.0';

/** The socket of a `stream` network. */
export const FRAMES = 'frames';

/** A door's id among QEMU's devices, and the name of its socket. */
export const doorId = (nth: number): string => `door${nth}`;

export const doorIds = ({ doors = 0 }: Pick<MachineSpec, 'doors'>): string[] =>
  Array.from({ length: doors }, (_, nth) => doorId(nth));

/** Next to a launcher: the machine's spec without credentials (kept-machine.ts reads it). */
export const KEPT = 'machine.json';
