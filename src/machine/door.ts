/**
 * What a machine needs for the build's own way in: an sshd in the guest on virtio-serial ports, which knows nothing of the
 * image's SSH, accounts and firewall. Its texts are `vm/door.service`, on the disk while the machine is being built, and
 * `vm/door.sh`, which QEMU hands in.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../host/project.ts';
import type { MachineSpec } from './spec.ts';

/** What of it is on the disk while the machine is being built; sealing removes it, and asserts that it is gone. */
export const DOOR_UNIT = 'ingot-door.service';
export const DOOR_FILES: readonly string[] = [
  `/etc/systemd/system/${DOOR_UNIT}`,
  `/etc/systemd/system/*.wants/${DOOR_UNIT}`,
];

/** A session of Ingot's, one of Ansible's, and one for a person who looks on. */
const DOORS = 3;

/** A connection each: a virtio-serial port is one stream. */
export interface Door {
  /** Path of the socket on which QEMU listens. */
  readonly socket: string;
  /** Calls back when the guest has let go of its end: a connection is dead then. Returns how to stop that. */
  onClosed(listener: () => void): () => void;
}

export interface DoorKeys {
  /** Of whoever may log in as root, `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
  /** The private key by which sshd shows who it is. */
  readonly hostKey: string;
}

const textOf = (name: string): string => readFileSync(join(projectFolder, 'vm', name), 'utf8');

/** The unit of the guest, as the installer writes it to the disk. No key is in it. */
export const doorUnit = (): string => textOf('door.service');

export const withDoors = ({ publicKey, hostKey }: DoorKeys): Required<Pick<MachineSpec, 'doors' | 'credentials'>> => ({
  doors: DOORS,
  credentials: { door: `doors=${DOORS}\n${textOf('door.sh')}`, 'door-key': `${publicKey}\n`, 'door-host-key': hostKey },
});
