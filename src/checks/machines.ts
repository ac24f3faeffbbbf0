/** Machines that have a name without being written down: `ingot test -m NAME`. */
import { IngotError } from '../errors.ts';
import { type TestMachine, testMachineSchema } from '../recipe/schema/tests-schema.ts';
import { suggest } from '../suggest.ts';

const WORDS: readonly { readonly [Field in keyof TestMachine]?: unknown }[] = [
  { name: 'bios-virtio', firmware: 'bios' },
  { name: 'bios-ide', firmware: 'bios', bus: 'ide', card: 'e1000e' },
  { name: 'bios-sata', firmware: 'bios', bus: 'sata', card: 'e1000e' },
  { name: 'uefi-virtio', firmware: 'uefi' },
  { name: 'uefi-scsi', firmware: 'uefi', bus: 'scsi' },
  { name: 'uefi-nvme', firmware: 'uefi', bus: 'nvme' },
  { name: 'no-network', network: 'none' },
  { name: 'small', memory: '512M', cpus: 1 },
  { name: 'sink', network: 'sink' },
];

/** Of the tests themselves, or with a name that is known anyway. Throws `usage.no-such-machine`. */
export const machineNamed = (name: string, own: readonly TestMachine[]): TestMachine => {
  const known = [...own, ...WORDS.map((words) => testMachineSchema.parse(words))];
  const found = known.find((one) => one.name === name);
  if (found) return found;
  const names = known.map((one) => one.name);
  const meant = suggest(name, names);
  throw new IngotError('usage.no-such-machine', `no machine for tests is called ${name}`, {
    hint: `${meant === undefined ? '' : `Did you mean \`${meant}\`? `}There are ${names.join(', ')}.`,
  });
};
