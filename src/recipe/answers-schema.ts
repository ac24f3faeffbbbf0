/** What the installer would ask: names, users, disk, packages, sources. */
import { z } from 'zod';
import {
  guestPath,
  hostname,
  kernelArgument,
  packageName,
  passwordHash,
  secretReference,
  size,
  sshPublicKey,
  userName,
} from './values.ts';

/** A password as a crypt hash, given openly or kept outside the recipe. Clear text is never accepted. */
const password = z.strictObject({ hash: z.union([passwordHash, secretReference]) });

const sshKeys = z
  .array(z.union([sshPublicKey, z.strictObject({ file: z.string().min(1) })]))
  .default([])
  .meta({ description: 'Public keys, or files that hold them.' });

const user = z.strictObject({
  name: userName,
  fullName: z
    .string()
    .regex(/^[^:,\n\\"]*$/, 'no colon, comma, quote or backslash')
    .default(''),
  password: password.optional().meta({ description: 'Absent: no password login.' }),
  sshKeys,
  sudo: z.enum(['none', 'password', 'nopasswd']).default('none'),
  groups: z.array(userName).default([]),
});

const diskSelector = z.union([
  z.enum(['only', 'smallest', 'largest']),
  z.strictObject({ id: z.string().regex(/^[A-Za-z0-9_.:*?[\]-]+$/, 'a name or pattern of /dev/disk/by-id') }),
  z.strictObject({ minSize: size }),
]);

const partition = z.strictObject({
  mount: guestPath,
  size,
  filesystem: z.enum(['ext4']).default('ext4'),
});

const disk = z.strictObject({
  select: diskSelector.default('only').meta({ description: 'Which disk; several matches are an error.' }),
  esp: size.default(256 * 2 ** 20),
  swap: size.optional().meta({ description: 'A swap partition; none when absent.' }),
  partitions: z
    .array(partition)
    .default([])
    .meta({ description: 'Partitions before the root partition, which is the last and takes the rest.' }),
  filesystem: z.enum(['ext4']).default('ext4'),
});

const repository = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'a-z 0-9 _ -'),
  uris: z.array(z.url()).min(1),
  suites: z.array(z.string().regex(/^[^\s]+$/)).min(1),
  components: z.array(z.string().regex(/^[^\s]+$/)).default(['main']),
  key: z.string().min(1).optional().meta({ description: "Keyring file on the host; Debian's own when absent." }),
});

const script = z.union([z.strictObject({ script: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })]);

const network = z.union([
  z.literal('dhcp'),
  z.strictObject({
    address: z.string().regex(/^[0-9a-f.:]+\/\d+$/i, 'an address with prefix length, 192.0.2.10/24'),
    gateway: z.string().optional(),
    nameservers: z.array(z.string()).default([]),
  }),
]);

export const answersSchema = z
  .strictObject({
    hostname: hostname.default('debian'),
    domain: z
      .string()
      .regex(/^[A-Za-z0-9.-]*$/)
      .default(''),
    locale: z
      .string()
      .regex(/^[A-Za-z_.0-9@-]+$/)
      .default('C.UTF-8'),
    keyboard: z
      .string()
      .regex(/^[a-z]{2,}$/)
      .default('us'),
    timezone: z
      .string()
      .regex(/^[A-Za-z0-9_+/-]+$/)
      .default('Etc/UTC'),
    network: network.default('dhcp'),
    root: z.strictObject({ password: password.optional(), sshKeys }).prefault({}),
    users: z.array(user).default([]),
    disk: disk.prefault({}),
    packages: z.array(packageName).default([]).meta({ description: 'Installed beside the base system.' }),
    repositories: z
      .array(repository)
      .optional()
      .meta({ description: "The finished system's package sources; Debian's own when absent." }),
    consoles: z
      .array(z.string().regex(/^tty[A-Za-z0-9]+(,\d+[a-z0-9]*)?$/, 'such as tty0 or ttyS0,115200'))
      .default(['tty0', 'ttyS0'])
      .meta({ description: 'Consoles of the installed system; the last one is /dev/console.' }),
    kernelArguments: z.array(kernelArgument).default([]).meta({ description: 'For the installed system.' }),
    installerArguments: z.array(kernelArgument).default([]).meta({ description: 'For the installer only.' }),
    guestAgent: z.boolean().default(false).meta({ description: 'Install qemu-guest-agent.' }),
    cloudInit: z.boolean().default(false).meta({ description: 'Hand network, keys and growing to cloud-init.' }),
    cloudDatasources: z
      .array(z.string().regex(/^[A-Za-z0-9]+$/))
      .default(['NoCloud', 'ConfigDrive', 'OpenStack', 'None']),
    early: script
      .optional()
      .meta({ description: 'Your early_command: runs in the installer before the first question.' }),
    late: script
      .optional()
      .meta({ description: 'Your late_command: runs in the installer at the end, with /target mounted.' }),
    template: z
      .strictObject({
        file: z.string().min(1),
        values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
      })
      .optional()
      .meta({ description: 'Your own answer file (EJS) in place of the built-in one.' }),
  })
  .meta({ description: 'What the installer would ask.' });

export type Answers = z.output<typeof answersSchema>;
export type User = z.output<typeof user>;
export type DiskSelector = z.output<typeof diskSelector>;
export type Repository = z.output<typeof repository>;
