/** A machine of a cloud: the image's disk, any number of cards, each on a network of its own, and a seed. */
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { BuildKey } from '../../../src/access/key.ts';
import { IngotError } from '../../../src/errors.ts';
import { Session } from '../../../src/guest/session.ts';
import { probeAccelerator } from '../../../src/machine/accelerator.ts';
import { type Machine, startMachine } from '../../../src/machine/machine.ts';
import { LOG_PORT, type MachineSpec } from '../../../src/machine/spec.ts';
import { silentReporter } from '../../../src/report.ts';
import { scanHostKeys, testStore } from '../../e2e/support.ts';
import type { Firmware, WrittenSeed } from './seeds.ts';

export interface Card {
  readonly model?: 'virtio-net-pci' | 'e1000e';
  /** Its network, with a DHCP server that gives the address .15, and no router, since it leads nowhere. */
  readonly net: string;
  /** On IPv6, with router advertisements, and on nothing else. */
  readonly only6?: boolean;
  /** On the network of the card before it. */
  readonly joins?: boolean;
}

/** PCI slot of the first card; the others follow. */
const SLOT = 0x10;

/** The name that the system gives to a card of these machines, by its slot. */
export const cardName = (nth: number): string => `enp0s${SLOT + nth}`;

export const cardOptions = (
  cards: readonly Card[],
  macOf: (nth: number) => string,
  { web }: WrittenSeed,
): readonly string[] =>
  cards.flatMap(({ model = 'virtio-net-pci', net, only6, joins }, nth) => {
    const forward = nth === 0 && !only6 ? ',hostfwd=tcp:127.0.0.1:0-:22' : '';
    const server = join(import.meta.dirname, 'web.ts');
    const guest = nth === 0 && web ? `,guestfwd=tcp:${web.at}:80-cmd:${process.execPath} ${server} ${web.folder}` : '';
    const lease = net.replace(/\d+\/\d+$/, '15');
    const family = only6 ? 'ipv4=off,ipv6=on,ipv6-net=fd00:15::/64' : `ipv6=off,net=${net},dhcpstart=${lease}`;
    const hub = joins || cards[nth + 1]?.joins;
    const first = joins ? nth - 1 : nth;
    return [
      ...(joins ? [] : ['-netdev', `user,id=user${nth},restrict=on,${family}${forward}${guest}`]),
      ...(hub && !joins ? ['-netdev', `hubport,id=up${nth},hubid=${nth},netdev=user${nth}`] : []),
      ...(hub ? ['-netdev', `hubport,id=port${nth},hubid=${first}`] : []),
      '-device',
      `${model},netdev=${hub ? `port${nth}` : `user${nth}`},mac=${macOf(nth)},addr=0x${(SLOT + nth).toString(16)},romfile=`,
    ];
  });

const firmwareOptions = (words: Firmware): readonly string[] => {
  const said = Object.entries(words).map(([name, word]) => `,${name}=${word}`);
  return said.length === 0 ? [] : ['-smbios', `type=1${said.join('')}`];
};

/** Puts the QEMU with more options before the real one, for this process. */
export const useWrapper = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const wrapper = join(folder, 'qemu-system-x86_64');
  await copyFile(join(import.meta.dirname, 'qemu.sh'), wrapper);
  await chmod(wrapper, 0o755);
  process.env['PATH'] = `${folder}${delimiter}${process.env['PATH']}`;
};

export interface CloudMachine {
  readonly folder: string;
  readonly disk: string;
  readonly seed: WrittenSeed;
  readonly firmware: Firmware;
  readonly cards: readonly Card[];
  readonly macOf: (nth: number) => string;
}

export const startCloudMachine = async (it: CloudMachine): Promise<Machine> => {
  const { accelerator } = await probeAccelerator('auto', {
    cacheFolder: join(testStore, 'shared', 'host'),
    reporter: silentReporter,
  });
  await mkdir(it.folder, { recursive: true });
  const more = [...cardOptions(it.cards, it.macOf, it.seed), ...firmwareOptions(it.firmware)];
  await writeFile(join(it.folder, 'more-options'), more.map((line) => `${line}\n`).join(''));
  const disks: MachineSpec['disks'] = [
    { path: it.disk, format: 'qcow2', bus: 'virtio' },
    ...(it.seed.disk === undefined
      ? []
      : [{ path: it.seed.disk, format: 'raw' as const, bus: 'virtio' as const, readOnly: true }]),
  ];
  const spec: MachineSpec = {
    name: 'cloud',
    cpus: accelerator === 'tcg' ? 1 : 2,
    memory: 2 ** 30,
    firmware: 'bios',
    accelerator,
    disks,
    ...(it.seed.cdrom === undefined ? {} : { cdrom: it.seed.cdrom }),
    boot: ['disk'],
    network: { mode: 'none', model: 'virtio', forwardSsh: false },
    logPort: LOG_PORT,
    onReboot: 'reset',
  };
  return startMachine(spec, { folder: it.folder, reporter: silentReporter });
};

const BOOT_LIMIT = 20 * 60_000;

/** The port that QEMU has picked for the first card. */
const sshPort = async (machine: Machine): Promise<number> => {
  const table = await machine.qmp.monitor('info usernet');
  const port = /TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)/.exec(table)?.[1];
  if (port === undefined) throw new IngotError('machine.no-port', 'QEMU forwards no port', { detail: table, hint: '' });
  return Number(port);
};

export const logIn = async (machine: Machine, key: BuildKey, user: string): Promise<Session> => {
  const port = await sshPort(machine);
  const hostKeys = await scanHostKeys(port, BOOT_LIMIT);
  return Session.connect({ port, hostKeys, key, user, limit: BOOT_LIMIT, reporter: silentReporter });
};
