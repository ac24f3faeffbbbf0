/** What is tested on the captured image: the machines that boot it, what their boot has to be like, single checks, and clones. */
import { z } from 'zod';
import { allowedFlow } from './egress-schema.ts';
import { durationField, guestPath, size, text } from './field-values.ts';
import { checkSchema, unitName } from './test-checks-schema.ts';
import { pattern } from './text-pattern.ts';

export const testMachineSchema = z.strictObject({
  name: text(/^[a-z0-9][a-z0-9-]{0,31}$/, 'a-z 0-9 -, at most 32 characters').meta({
    description: 'Shown, and part of the name of each result.',
  }),
  firmware: z
    .enum(['bios', 'uefi'])
    .optional()
    .meta({ description: 'What it boots with; as the build did when absent.' }),
  bus: z
    .enum(['virtio', 'scsi', 'sata', 'ide', 'nvme'])
    .default('virtio')
    .meta({ description: 'How the disk is attached; ide is a machine of the older kind (i440FX).' }),
  card: z.enum(['virtio', 'e1000e']).default('virtio').meta({ description: 'The network card.' }),
  network: z.enum(['isolated', 'sink', 'none']).default('isolated').meta({
    description:
      'isolated: DHCP answers, and nothing else. sink: everything is taken and nothing is let out, so that it is seen what leaves. none: there is no card.',
  }),
  mac: text(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'a MAC address in lower case')
    .optional()
    .meta({ description: 'Of the card.' }),
  cpus: z.int().min(1).max(64).default(2).meta({ description: 'Processors.' }),
  memory: size.default(2 ** 30).meta({ description: 'Memory: 1G.' }),
  disk: size.optional().meta({
    description: 'Size of the disk, where it is larger than the image; root has to grow then.',
  }),
});
export type TestMachine = z.output<typeof testMachineSchema>;

const most = z.int().min(0).optional();

const bootSchema = z.strictObject({
  within: durationField.optional().meta({
    description: 'The longest from the kernel to the end of the boot, firmware excluded (KVM; scaled up under TCG).',
  }),
  state: z
    .enum(['running', 'degraded'])
    .default('running')
    .meta({ description: 'running: no unit may fail. degraded: units may fail that `failedUnits` names.' }),
  failedUnits: z.array(unitName).default([]).meta({ description: 'Units that may fail.' }),
  journal: z
    .strictObject({
      crit: most.meta({ description: 'The most messages of crit, alert and emerg.' }),
      err: most.meta({ description: 'The most messages of err and worse.' }),
      warning: most.meta({ description: 'The most messages of warning and worse.' }),
      allow: z.array(pattern).default([]).meta({ description: 'Messages that do not count: texts or /expressions/.' }),
    })
    .optional()
    .meta({ description: 'How much the journal of the boot may complain.' }),
});
export type BootTests = z.output<typeof bootSchema>;

const egressSchema = z.strictObject({
  allow: z.array(allowedFlow).meta({ description: 'What may leave: dhcp, ntp, mirror.example:443. Empty: nothing.' }),
  watch: durationField
    .default(10_000)
    .meta({ description: 'How long it is watched once its boot has ended (KVM; scaled up under TCG): 10s.' }),
});
export type EgressTests = z.output<typeof egressSchema>;

const guestPlaces = z.array(guestPath).default([]);

const clonesSchema = z.union([
  z
    .int()
    .min(2)
    .max(4)
    .transform((count) => ({ count, mayDiffer: [], mayShare: [] })),
  z.strictObject({
    count: z.int().min(2).max(4).default(2).meta({ description: 'How many.' }),
    mayDiffer: guestPlaces.meta({ description: 'Files, and folders with all below, that may differ between them.' }),
    mayShare: guestPlaces.meta({ description: 'The same for what looks like a secret and may be equal in all.' }),
  }),
]);
export type CloneTests = z.output<typeof clonesSchema>;

export const testsSchema = z
  .strictObject({
    machines: z
      .array(testMachineSchema)
      .min(1)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'each name once')
      .prefault([{ name: 'default' }])
      .meta({ description: 'Machines that boot the image, each on a disk that is thrown away.' }),
    egress: egressSchema.optional().meta({
      description: 'What may leave it by itself, seen on each machine with `network: sink`; all else fails.',
    }),
    boot: bootSchema.prefault({}).meta({ description: 'What each boot has to be like.' }),
    checks: z
      .array(checkSchema)
      .default([])
      .meta({ description: 'What is checked; docs/testing-images.md has them all.' }),
    clones: clonesSchema.optional().meta({
      description:
        'Boot the image so many times, each as a machine of its own, and compare: identities have to differ.',
    }),
  })
  .refine(({ egress, machines }) => egress === undefined || machines.some(({ network }) => network === 'sink'), {
    path: ['egress'],
    error: 'a machine with `network: sink`, since nothing would be seen without one',
  })
  .meta({ description: 'Tests of the captured image, before it is delivered.' });
export type Tests = z.output<typeof testsSchema>;
