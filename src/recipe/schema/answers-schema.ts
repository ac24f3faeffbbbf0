/** What the installer would ask: names, network, disk, packages, sources. */
import { z } from 'zod';
import { keyboardSchema } from '../values/keyboard.ts';
import { LOCALES } from '../values/known-names.ts';
import { password, sshKeys, userSchema } from './account-schema.ts';
import { diskSchema } from './disk-schema.ts';
import {
  domainName,
  hostname,
  hostPath,
  installerArgument,
  kernelArgument,
  packageWish,
  text,
} from './field-values.ts';
import { FIRMWARE, ntpServer, repository } from './installer-schema.ts';
import { network } from './network-schema.ts';

const timezone = z
  .string({ error: 'a time zone' })
  .refine(isTimezone, 'a time zone of the tz database such as Etc/UTC or Europe/Berlin');

const scriptSchema = z.union([
  z.strictObject({
    script: z.string().min(1).meta({ description: 'Inline POSIX shell script (`sh -e`; busybox in the installer).' }),
  }),
  z.strictObject({ file: hostPath.meta({ description: 'Script file beside the recipe, for /bin/sh.' }) }),
]);
export type Script = z.output<typeof scriptSchema>;

const template = z
  .strictObject({
    file: hostPath.meta({ description: 'EJS file beside the recipe; partials are included relative to it.' }),
    values: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .meta({ description: 'Values of your own, `values.name` in the template.' }),
  })
  .meta({ description: 'Your own answer file (EJS) in place of the built-in one.' });

export const answersSchema = z
  .strictObject({
    hostname: hostname.default('debian').meta({ description: 'Host name without the domain.' }),
    domain: domainName.default('').meta({ description: 'Domain of the host; none when empty.' }),
    locale: z
      .enum(LOCALES, { error: 'a UTF-8 locale such as C.UTF-8 or de_DE.UTF-8' })
      .default('C.UTF-8')
      .meta({ description: 'Locale of the finished system; generated on it when it is not C.UTF-8.' }),
    keyboard: keyboardSchema.default('us').meta({
      description:
        'Keyboard layout (XKB), with a variant in brackets: de, us(intl); with model and options as a mapping.',
    }),
    timezone: timezone.default('Etc/UTC').meta({ description: 'Time zone; the hardware clock is UTC.' }),
    network: network.default('dhcp').meta({
      description:
        'Network of the finished system: dhcp on every Ethernet card, one fixed address, or a list of cards, bonds and VLANs.',
    }),
    ntpServers: z
      .array(ntpServer)
      .default([])
      .meta({ description: "Time servers of the finished system; the distribution's own when empty." }),
    root: z
      .strictObject({
        password: password.optional().meta({ description: 'Absent: root has no password and cannot log in with one.' }),
        sshKeys,
      })
      .prefault({})
      .meta({ description: 'The root account.' }),
    users: z.array(userSchema).default([]).meta({ description: 'Login accounts besides root.' }),
    disk: diskSchema.prefault({}),
    packages: z.array(packageWish).default([]).meta({
      description:
        'Installed in addition to the base system: names, if needed with a version (nginx=1.22.*) or a suite (cockpit/bookworm-backports).',
    }),
    tasks: z
      .array(text(/^[a-z0-9][a-z0-9-]*$/, 'a task such as web-server'))
      .default([])
      .meta({
        description:
          "Whole tasks: Debian's (web-server, the package task-web-server), Anaconda's groups (headless-management).",
      }),
    firmware: z.enum(FIRMWARE).optional().meta({
      description:
        "Whether Debian's installer installs firmware from its medium on real machines: never, missing (for hardware that lacks it) or always; never when absent.",
    }),
    repositories: z
      .array(repository)
      .min(1)
      .optional()
      .meta({ description: "The finished system's package sources; Debian's own, with security, when absent." }),
    consoles: z
      .array(
        text(
          /^(tty[A-Za-z0-9]+|(hvc|hvsi|xvc|lp)\d+)(,\d+[a-z0-9]*)?$/,
          'a console such as tty0, hvc0 or ttyS0,115200',
        ),
      )
      .default(['tty0', 'ttyS0'])
      .meta({ description: 'Consoles of the installed system; the last one is /dev/console.' }),
    kernelArguments: z
      .array(kernelArgument)
      .default([])
      .meta({ description: 'Kernel arguments of the installed system.' }),
    installerArguments: z
      .array(installerArgument)
      .default([])
      .meta({ description: 'Kernel arguments for the installer only.' }),
    guestAgent: z.boolean().default(false).meta({ description: 'Install qemu-guest-agent.' }),
    cloudInit: z.boolean().default(false).meta({
      description:
        'Leave network, keys and the growing of the disk to cloud-init; where it finds no data source, the system does them itself.',
    }),
    cloudDatasources: z
      .array(text(/^[A-Za-z0-9]+$/, 'the name of a data source such as NoCloud'))
      .min(1)
      .default(['NoCloud', 'ConfigDrive', 'OpenStack', 'None'])
      .meta({ description: 'Data sources that cloud-init tries, in order.' }),
    early: scriptSchema
      .optional()
      .meta({ description: 'Your early_command: runs in the installer before the first question.' }),
    late: scriptSchema
      .optional()
      .meta({ description: 'Your late_command: runs in the installer at the end, with /target mounted.' }),
    template: template.optional(),
    lint: z
      .strictObject({
        ignore: z
          .array(text(/^(preseed|kickstart)\/[a-z-]+$/, 'a rule such as preseed/unknown-question'))
          .default([])
          .meta({ description: 'Rules that are not applied to what this recipe renders.' }),
      })
      .prefault({})
      .meta({ description: 'How the rendered answer file is linted before anything starts.' }),
  })
  .meta({ description: 'What the installer would ask.' });

/** Node contains the tz database. It takes upper and lower case alike, the file names under /usr/share/zoneinfo do not. */
function isTimezone(name: string): boolean {
  const known = Intl.supportedValuesOf('timeZone');
  if (known.includes(name)) return true;
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(name)) return false;
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
