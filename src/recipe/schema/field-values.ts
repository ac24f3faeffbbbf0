/** The small value shapes that a recipe is made of: names, sizes, durations, secrets by reference. */
import { isIP } from 'node:net';
import { z } from 'zod';

/** Text of one form. `allowed` completes "expected …" and is also what a wrong type or a missing value is told. */
export const text = (pattern: RegExp, allowed: string) => z.string({ error: allowed }).regex(pattern, allowed);

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `512M`, `8G`, `1.5G` (binary units, as qemu-img reads them) to bytes. */
export const size = text(/^\d+(\.\d+)?[KMGT]$/, 'a size such as 512M or 8G').transform((value) =>
  Math.round(Number(value.slice(0, -1)) * (UNITS[value.slice(-1)] ?? 1)),
);

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `90s`, `10m`, `2h` to milliseconds. */
export const durationField = text(/^\d+[smh]$/, 'a duration such as 90s, 10m or 2h').transform(
  (value) => Number(value.slice(0, -1)) * (SECONDS[value.slice(-1)] ?? 1) * 1000,
);

/** A file on the host: absolute, beside the recipe, or below the home folder. */
export const hostPath = text(/^[^\n\0]+$/, 'the path of a file: absolute, relative to the recipe, or ~/…');

/** As it is on the medium, letter by letter, with all folders. */
export const mediumPath = text(
  /^(?!.*\/\.{0,2}(\/|$))\/[^\n\0]+$/,
  'an absolute path on the medium, without `.`, `..`, `//` and a final `/`',
);

/** A secret is never written in a recipe: it is named, and read when the build starts. */
export const secretReference = z.union([
  z.strictObject({
    env: text(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable').meta({
      description: 'Environment variable that holds the secret.',
    }),
  }),
  z.strictObject({ file: hostPath.meta({ description: 'File that holds the secret; a final newline is left off.' }) }),
]);
export type SecretReference = z.output<typeof secretReference>;

/** RFC 1123 host name, as netcfg checks it: letters, digits, inner hyphens, 2 to 63 characters a label. */
export const hostname = text(
  /^(?=.{2,63}$)[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]$/,
  'a host name: 2 to 63 letters, digits and inner hyphens (the domain is a field of its own)',
);

/** Labels divided by dots; empty for none. */
export const domainName = text(
  /^(?=.{0,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*)?$/,
  'a domain name such as example.org',
);

/** What useradd and groupadd accept (shadow, with Debian's patch and without), except capitals. */
export const accountName = text(
  /^[a-z_][a-z0-9_.-]{0,31}$/,
  'a lower-case letter or _ first, then a-z 0-9 . _ -, at most 32 characters',
);

/** A crypt(5) hash: yescrypt, SHA-512, SHA-256, bcrypt. MD5 and DES are refused. */
export const passwordHash = text(
  /^\$(y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}|6\$(rounds=\d+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{86}|5\$(rounds=\d+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43}|2[aby]\$\d\d\$[./A-Za-z0-9]{53})$/,
  'a crypt hash ($y$, $6$, $5$ or $2b$; `mkpasswd -m yescrypt` makes one)',
);

/** A package of a repository that is named already: its name (Debian Policy 5.6.7), with a version where it matters. */
export const versionWish = text(
  /^[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+:~*?-]+)?$/,
  'a package: its name (a-z 0-9 + - .), with a version where it matters (NAME=5.*)',
);

const WISH =
  'a package: its name, with a version (nginx=1.22.*) or a suite (cockpit/bookworm-backports) where it matters';

/** What is asked of apt or dnf: a name, and where it matters a version or a suite. RPM names may have capitals and underscores. */
export const packageWish = text(
  /^[A-Za-z0-9][A-Za-z0-9+._:~^*?-]*(=[A-Za-z0-9.+:~^*?_-]+|\/[A-Za-z0-9][A-Za-z0-9.-]*)?$/,
  WISH,
);

/** As above, of a Debian archive. */
export const debianWish = text(/^[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+:~*?-]+|\/[a-z0-9][a-z0-9.-]*)?$/, WISH);

/**
 * An argument as the kernel reads it (lib/cmdline.c, next_arg): blanks stand between double quotation marks,
 * `dyndbg="module nvme +p"`. Boot loaders and shells on the way would interpret a backslash, a $ or a ', and GRUB what ends a
 * command or begins a comment.
 */
export const kernelArgument = text(
  /^(?!---$)(?!#)(?:[!#%(-:=?-[\]-_a-z~]|"[ !#%&(-[\]-_a-~]*")+$/,
  'one printable word, with blanks and ; & | < > { } only between double quotation marks, as in pci="resource_alignment=20@0000:00:1c.0;0000:00:1d.0", without \\ $ ` and single ones, and no # first (--- is set by Ingot)',
).refine(
  (word) => !SET_BY_BOOT_LOADER.test(word),
  'an argument of the kernel, which the boot loader does not set itself',
);

/** Of the disk that is installed: another value would be that of another machine. */
const SET_BY_BOOT_LOADER = /^(root|initrd|BOOT_IMAGE|GRUB_CMDLINE_\w+)=/;

/** It is in boot menus as well, where the boot loader interprets quotation marks. */
export const installerArgument = text(
  /^(?!---$)(?!#)[!#%(-:=?-[\]-_a-z~]+$/,
  'one printable word without blanks, quotation marks, ; & | < > { } \\ $ and `, and no # first (--- is set by Ingot)',
);

/** A path inside the guest. */
export const guestPath = text(/^\/[^\n\0]*$/, 'an absolute path in the guest');

/** With colons, hyphens, or the dots of switches, to the form of the kernel. */
export const macAddress = text(
  /^[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})$|^[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}$/,
  'a MAC address such as 52:54:00:12:34:56',
).transform((written) => written.toLowerCase().replaceAll(/[:.-]/g, '').match(/../g)?.join(':') ?? '');

const ZONE = 'an address without a zone: what follows the % is left out, the device is the one that it stands at';
const hasNoZone = (value: string): boolean => !value.includes('%');

/** An IPv4 or IPv6 address; link-local ones with the card that they are reached by, `fe80::1%eno1`. */
export const ipAddressInZone = z
  .string({ error: 'an IP address' })
  .refine((value) => isIP(value) !== 0, 'an IP address such as 192.0.2.1 or 2001:db8::1');

/** An IPv4 or IPv6 address. */
export const ipAddress = ipAddressInZone.refine(hasNoZone, ZONE);

/** An address with its prefix length: 192.0.2.10/24, 2001:db8::10/64. */
export const ipNetwork = z
  .string({ error: 'an address with prefix length' })
  .refine((value) => {
    const [address = '', prefix = '', ...rest] = value.split('/');
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
  }, 'an address with prefix length such as 192.0.2.10/24')
  .refine(hasNoZone, ZONE);

/** What a variable can be set to. */
export const variableValue = z.union([z.string(), z.number(), z.boolean()]);

/** Addresses end up in the finished system and in logs: a login in one does not stay secret. */
export const hasNoLogin = (url: string): boolean => !/^[a-z]+:\/\/[^/]*@/i.test(url);
export const NO_LOGIN = 'a URL without a user name and password in it, since it is written into the image';

/** A path that sealing may remove: none that a system needs, and no pattern. */
export const removablePath = guestPath
  .refine((path) => !/[*?[\]]/.test(path), 'a path without * ? [ ]: patterns are not expanded here')
  .refine((path) => {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    return !parts.includes('..') && (parts.length > 1 || !BASE_FOLDERS.has(parts[0] ?? ''));
  }, 'a path below the base folders of the system');

const BASE_FOLDERS: ReadonlySet<string> = new Set([
  '',
  'bin',
  'boot',
  'dev',
  'etc',
  'home',
  'lib',
  'lib64',
  'proc',
  'root',
  'run',
  'sbin',
  'sys',
  'usr',
  'var',
]);
