/**
 * The build's own way into a machine: all its names, on the disk and at the hypervisor. Whoever makes a disk
 * for the build puts the unit there, the hypervisor gives the machine the rest at each start, sealing removes what is here, and
 * capture asserts that it is gone. In the guest it is an sshd on virtio-serial ports, which knows nothing of the image's
 * SSH, accounts and firewall (docs/security.md).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../host/project.ts';
import type { BuildKey, BuildKeys } from './key.ts';

/** The name of its sshd in the guest; its error messages begin with it (vm/door.sh). */
export const DOOR = 'ingot-door';
export const DOOR_SERVICE = 'ingot-door.service';

const UNITS = '/etc/systemd/system';

/**
 * What of it is on the disk while the machine is being built: a unit, without a key, that runs what the hypervisor hands in.
 * Nothing else has to be there, whoever writes it: an installer, a seed of cloud-init, an edit of the disk.
 */
export const ACCESS_UNIT = {
  path: `${UNITS}/${DOOR_SERVICE}`,
  /** A symbolic link to `path`, which enables it. */
  link: `${UNITS}/multi-user.target.wants/${DOOR_SERVICE}`,
} as const;

/** Where systemd finds the generator that makes it wait longer for the devices of an emulated machine. */
export const PATIENCE_GENERATOR = '/etc/systemd/system-generators/ingot-patience';

/** Patterns of paths that sealing removes and capture asserts absent; the link may be any target's. */
export const ACCESS_FILES: readonly string[] = [
  ACCESS_UNIT.path,
  `${UNITS}/*.wants/${DOOR_SERVICE}`,
  PATIENCE_GENERATOR,
];

/** A line by which any unit would do the same, under whatever name. */
export const ACCESS_LINE = {
  path: `${UNITS}/*`,
  pattern: /org\.ingot\b/,
  meaning: 'a unit runs what the hypervisor hands in',
} as const;

const textOf = (name: string): string => readFileSync(join(projectFolder, 'vm', name), 'utf8');

export const patienceGenerator = (): string => textOf('patience.sh');

/** The text of the unit. It starts last of all: what a session meets has come up. */
export const accessUnit = (): string => textOf('door.service');

/**
 * The same for a system that somebody else has made: an SSH that never comes up without host keys, and a network without a
 * lease, do not hold it up.
 */
export const earlyAccessUnit = (): string => accessUnit().replace(/^After=.*\n/m, '');

/** A session of Ingot's, one of Ansible's, and one for a person who looks on. */
const DOORS = 3;

/** A virtio-serial port, which the guest's sshd looks for by this name. */
export const doorPort = (nth: number): string => `org.ingot.ssh.${nth}`;

export interface HandedIn {
  /** How many ports the machine has for it: a connection each. */
  readonly doors: number;
  /** By name, as the unit and `vm/door.sh` read them. */
  readonly credentials: Readonly<Record<'door' | 'door-key' | 'door-host-key', string>>;
}

/** What the hypervisor gives a machine so that these keys let the build in. */
export const handedIn = ({ login, host }: BuildKeys): HandedIn => ({
  doors: DOORS,
  credentials: {
    door: `doors=${DOORS}\n${textOf('door.sh')}`,
    'door-key': `${login.publicKey}\n`,
    'door-host-key': host.privateKey,
  },
});

/** Those of one machine run, as they are remembered: none may be found on the finished disk. */
export const publicKeysOf = ({ login, host }: BuildKeys): string[] => [login.publicKey, host.publicKey];

/** How a public key is recognized anywhere: by its base64, whatever stands before and after it. */
export const publicTrace = (publicKey: string): string => publicKey.split(' ')[1] ?? publicKey;

/** What would betray the private key in a disk: each line of its base64 that is not the same in every key. */
export const privateTraces = ({ privateKey }: BuildKey): string[] => {
  const body = privateKey.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  // The first line holds the format's constant header and the start of the public key.
  return body.slice(1).filter((line) => line.length >= 16);
};
