/**
 * `hosts:` of a recipe: machines by name, how each is recognized, and what is different for it. A host is the recipe with
 * small changes over it; `hosts.ts` puts the two together.
 */
import { z } from 'zod';
import { macAddress, text, variableValue } from './field-values.ts';

/** RFC 7042: an address of one card, with the bits of its first byte that say so. */
const isOneCard = (mac: string): boolean => !/^.[13579bdf]|^(00:){5}00$/.test(mac);

const mac = macAddress.refine(isOneCard, 'the MAC address of one network card: not of a group, and not zero');

/** What firmware says when nobody has set a value: many machines would be one host. */
const PLACEHOLDER =
  /^(?:none|n\/a|unknown|default string|not (?:specified|applicable|available|provided)|to be filled by o\.?e\.?m\.?|(?:system |chassis |base board )?serial ?(?:number|no\.?)|o\.?e\.?m\.?|invalid|empty|tbd|0*123456789(?:abcdef)?|[x0.*_-]+)$/i;

const serial = text(
  /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/,
  'a serial number, in quotes: "CZ1234ABCD"',
).refine(
  (value) => !PLACEHOLDER.test(value),
  'the serial number of one machine: firmware says this when it does not know the number',
);

const uuid = text(
  /^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$/,
  'a UUID such as 4c4c4544-0043-3010-8052-b4c04f564231',
)
  .transform((written) => written.toLowerCase())
  // All digits alike, and one that a maker of boards has put into all of them.
  .refine(
    (value) => !/^([0f])\1{7}-/.test(value) && value !== '03000200-0400-0500-0006-000700080009',
    'the UUID of one machine: firmware says this when it does not know the UUID',
  );

const oneOrMore = <T extends z.ZodType>(value: T) =>
  z.union([value, z.array(value).min(1)]).transform((given) => (Array.isArray(given) ? given : [given]));

const matchSchema = z
  .strictObject({
    mac: oneOrMore(mac)
      .optional()
      .meta({ description: 'Addresses of its network cards; the machine has one of them.' }),
    serial: oneOrMore(serial)
      .optional()
      .meta({ description: 'Serial number of the system (SMBIOS; /sys/class/dmi/id/product_serial), or several.' }),
    uuid: oneOrMore(uuid)
      .optional()
      .meta({ description: 'UUID of the system (SMBIOS; /sys/class/dmi/id/product_uuid), or several.' }),
  })
  .refine((match) => Object.values(match).some((value) => value !== undefined), 'at least one of mac, serial and uuid')
  .meta({ description: 'The ids of the machine; with several kinds, all must match.' });

/** Names of folders, of entries in boot menus, and of ISOs. */
const hostKey = text(
  /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/,
  'the name of a host: a-z 0-9 . -, at most 63 characters',
);

const hostSchema = z.strictObject({
  match: matchSchema,
  variables: z
    .record(z.string(), variableValue)
    .default({})
    .meta({ description: 'Values of the recipe’s variables for this host.' }),
  // Its meaning is checked together with the recipe that it changes.
  answers: z
    .record(z.string(), z.unknown())
    .default({})
    .meta({ description: 'Changes to `answers`: mappings are merged, all else is replaced, null removes a value.' }),
});

export const hostsSchema = z.record(hostKey, hostSchema).default({}).meta({
  description:
    'Machines that one medium or netboot installs, each with its own answers; the image is for none of them.',
});

export type Hosts = z.output<typeof hostsSchema>;
export type HostMatch = z.output<typeof matchSchema>;

export const ID_KINDS = ['mac', 'serial', 'uuid'] as const;
