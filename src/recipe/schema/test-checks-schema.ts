/** The single checks of a captured image: a kind a part. A check that could not fail is refused, such as a list without an element. */
import { z } from 'zod';
import { accountName, durationField, guestPath, hostPath, text } from './field-values.ts';
import { patterns } from './text-pattern.ts';

export const unitName = text(/^[A-Za-z0-9:_.@\\-]+$/, 'the name of a unit: ssh, or ssh.service');
const portText = text(/^(tcp|udp)\/\d{1,5}$/, 'a port such as tcp/22 or udp/123');
const portName = z.union([
  portText,
  z
    .int()
    .min(1)
    .max(65_535)
    .transform((port) => `tcp/${port}`),
]);
const modeText = text(/^[0-7]{3,4}$/, 'an octal mode, quoted: "0644"');

const packageBody = z.strictObject({
  name: text(/^[A-Za-z0-9][A-Za-z0-9+._-]*$/, 'the name of a package').meta({ description: 'The package.' }),
  installed: z.boolean().default(true).meta({ description: 'Whether it has to be there, or must not be.' }),
  version: text(/^(>=|<=|>|<|=|!=) *\S+$/, 'a comparison such as ">= 1:9.2"')
    .optional()
    .meta({ description: 'Compared as dpkg does: ">= 1:9.2".' }),
});
export type PackageCheck = z.output<typeof packageBody>;

const serviceBody = z
  .strictObject({
    name: unitName.meta({ description: 'The unit; a name without a type is a service.' }),
    enabled: z.boolean().optional().meta({ description: 'Whether it starts by itself; read from the disk.' }),
    running: z.boolean().optional().meta({ description: 'Whether it is active after the boot.' }),
  })
  .refine(({ enabled, running }) => enabled !== undefined || running !== undefined, '`enabled`, `running` or both');
export type ServiceCheck = z.output<typeof serviceBody>;

const portBody = z.strictObject({
  listen: portName.meta({ description: 'The port: tcp/22, udp/123.' }),
  listening: z.boolean().default(true).meta({ description: 'Whether something has to listen, or must not.' }),
  addresses: z
    .array(text(/^(any|loopback|[0-9a-fA-F.:]+)$/, '`any`, `loopback`, or an IP address'))
    .min(1)
    .optional()
    .meta({ description: 'Each of them has to be listened on: any, loopback, an address.' }),
});
export type PortCheck = z.output<typeof portBody>;

const fileBody = z.strictObject({
  path: guestPath.meta({ description: 'Its path in the image.' }),
  exists: z.boolean().default(true).meta({ description: 'Whether it has to be there, or must not be.' }),
  type: z.enum(['file', 'folder', 'link', 'other']).optional().meta({ description: 'What it is.' }),
  mode: modeText.optional().meta({ description: 'Octal mode, quoted: "0644".' }),
  owner: accountName.optional().meta({ description: 'The user who owns it.' }),
  group: accountName.optional().meta({ description: 'The group that owns it.' }),
  target: z.string().min(1).optional().meta({ description: 'Where the link leads.' }),
  contains: patterns.optional().meta({ description: 'Texts or /expressions/ that have to be in it.' }),
  lacks: patterns.optional().meta({ description: 'Texts or /expressions/ that must not be in it.' }),
  when: z
    .enum(['captured', 'booted'])
    .default('captured')
    .meta({ description: 'captured: as it is in the image. booted: as it is after the boot, read in the guest.' }),
});
export type FileCheck = z.output<typeof fileBody>;

const userBody = z.strictObject({
  name: text(/^[a-z_][a-z0-9_.-]{0,31}\$?$/, 'the name of an account').meta({ description: 'The account.' }),
  exists: z.boolean().default(true).meta({ description: 'Whether it has to be there, or must not be.' }),
  uid: z.int().min(0).optional().meta({ description: 'Its number.' }),
  groups: z.array(accountName).min(1).optional().meta({ description: 'Groups that it has to be in.' }),
  shell: guestPath.optional().meta({ description: 'Its login shell.' }),
  home: guestPath.optional().meta({ description: 'Its home folder.' }),
  password: z
    .enum(['locked', 'set', 'empty'])
    .optional()
    .meta({ description: 'locked: no password fits. empty: none is asked for.' }),
});
export type UserCheck = z.output<typeof userBody>;

const onlyPaths = z.strictObject({
  only: z.array(guestPath).meta({ description: 'All that may be there; an empty list: none may.' }),
});

const amount = text(/^(>=|>) *\d+(\.\d+)?[KMGT]$/, 'a least amount such as "> 1G"');
const mountBody = z.strictObject({
  path: guestPath.meta({ description: 'Where it is mounted.' }),
  type: text(/^[a-z0-9._-]+$/, 'a file system such as ext4')
    .optional()
    .meta({ description: 'Its file system.' }),
  options: z
    .array(text(/^[^\s,]+$/, 'a mount option'))
    .min(1)
    .optional()
    .meta({ description: 'Options that it has to be mounted with: nosuid, noexec.' }),
  free: amount.optional().meta({ description: 'Room that has to be left: "> 1G".' }),
  size: amount.optional().meta({ description: 'How large it has to be: "> 3G".' }),
});
export type MountCheck = z.output<typeof mountBody>;

const within = durationField.default(30_000).meta({ description: 'The longest that it may take (KVM).' });

const commandBody = z.strictObject({
  run: z.string().min(1).meta({ description: 'A shell command line, run as root after the boot.' }),
  exit: z.int().min(0).max(255).default(0).meta({ description: 'The exit status that is right.' }),
  stdout: patterns.optional().meta({ description: 'Texts or /expressions/ that have to be in its output.' }),
  stderr: patterns.optional().meta({ description: 'The same for its error output.' }),
  within,
});
export type CommandCheck = z.output<typeof commandBody>;

const httpBody = z.strictObject({
  url: text(/^https?:\/\/[^\s/@]+(\/[!-~]*)?$/, 'an http or https URL without a login').meta({
    description: 'What the guest itself asks for.',
  }),
  status: z.int().min(100).max(599).default(200).meta({ description: 'The status that is right.' }),
  body: patterns.optional().meta({ description: 'Texts or /expressions/ that have to be in the answer.' }),
  within,
});
export type HttpCheck = z.output<typeof httpBody>;

const suiteBody = z.strictObject({
  file: hostPath.meta({ description: 'The script, beside the recipe.' }),
  within: durationField.default(5 * 60_000).meta({ description: 'The longest that it may take (KVM).' }),
});
export type SuiteCheck = z.output<typeof suiteBody>;

const openscapBody = z.strictObject({
  datastream: hostPath.meta({
    description: 'SCAP content beside the recipe: a source data stream, or a benchmark (XCCDF).',
  }),
  profile: text(/^[A-Za-z0-9][\w.-]*$/, 'the id of a profile').meta({
    description: 'The profile: its id, or the last part of it, such as cis_level1_server.',
  }),
  tailoring: hostPath.optional().meta({ description: 'A tailoring file, which may define the profile.' }),
  maxFail: z.int().min(0).default(0).meta({ description: 'So many rules may fail, mayFail aside.' }),
  mayFail: z
    .array(text(/^[A-Za-z0-9][\w.-]*$/, 'the id of a rule'))
    .default([])
    .meta({ description: 'Rules that may fail, by id or its last part.' }),
  within: durationField.default(10 * 60_000).meta({ description: 'The longest that it may take (KVM).' }),
});
export type OpenscapCheck = z.output<typeof openscapBody>;

export const checkSchema = z.union([
  z.strictObject({
    package: z
      .union([packageBody.shape.name.transform((name): PackageCheck => ({ name, installed: true })), packageBody])
      .meta({ description: 'A package is installed, in a version, or is not there.' }),
  }),
  z.strictObject({
    service: z
      .union([unitName.transform((name): ServiceCheck => ({ name, enabled: true, running: true })), serviceBody])
      .meta({ description: 'A unit starts by itself and is active.' }),
  }),
  z.strictObject({
    port: z
      .union([portName.transform((listen): PortCheck => ({ listen, listening: true })), portBody])
      .meta({ description: 'Something listens on a port.' }),
  }),
  z.strictObject({
    onlyPorts: z.array(portName).meta({
      description: 'Nothing listens on other ports than these, loopback and DHCP clients aside; []: nothing does.',
    }),
  }),
  z.strictObject({
    file: z
      .union([guestPath.transform((path): FileCheck => ({ path, exists: true, when: 'captured' })), fileBody])
      .meta({ description: 'A file is there, with mode, owner and content.' }),
  }),
  z.strictObject({ user: userBody.meta({ description: 'An account is as it has to be.' }) }),
  z.strictObject({ setuid: onlyPaths.meta({ description: 'No other program than these is setuid, setgid aside.' }) }),
  z.strictObject({
    worldWritable: onlyPaths.meta({
      description: 'Nothing else may be written by everybody; folders with a sticky bit aside.',
    }),
  }),
  z.strictObject({
    sysctl: z
      .record(
        text(/^[a-z0-9_]+([./][A-Za-z0-9_-]+)+$/, 'a name such as net.ipv4.ip_forward'),
        z.union([z.string().min(1), z.int()]),
      )
      .refine((all) => Object.keys(all).length > 0, 'at least one value')
      .meta({ description: 'Values of the running kernel.' }),
  }),
  z.strictObject({ mount: mountBody.meta({ description: 'A file system is mounted.' }) }),
  z.strictObject({ command: commandBody.meta({ description: 'A command in the guest ends as it should.' }) }),
  z.strictObject({ http: httpBody.meta({ description: 'A server in the guest answers.' }) }),
  z.strictObject({
    reboot: z
      .strictObject({
        within: durationField.default(5 * 60_000).meta({ description: 'The longest that it may take (KVM).' }),
      })
      .meta({ description: 'The machine restarts, and what was right before is right again.' }),
  }),
  z.strictObject({
    suite: z
      .union([hostPath.transform((file): SuiteCheck => ({ file, within: 5 * 60_000 })), suiteBody])
      .meta({ description: 'A script of your own, run in the guest: TAP on its standard output.' }),
  }),
  z.strictObject({
    goss: hostPath.meta({ description: 'A goss file, read and judged by Ingot; goss itself is not run.' }),
  }),
  z.strictObject({
    openscap: openscapBody.meta({
      description:
        "A profile of SCAP content, judged in the guest by the host's OpenSCAP scanner: each rule is a result.",
    }),
  }),
]);
export type Check = z.output<typeof checkSchema>;
