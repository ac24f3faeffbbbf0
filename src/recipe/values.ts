/** The small value shapes that a recipe is made of: names, sizes, durations, secrets by reference. */
import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** `512M`, `8G`, `1.5G` (binary units, as qemu-img reads them) to bytes. */
export const size = z
  .string()
  .regex(/^\d+(\.\d+)?[KMGT]$/, 'a size such as 512M or 8G')
  .transform((text) => Math.round(Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 1)));

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `90s`, `10m`, `2h` to milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+[smh]$/, 'a duration such as 90s, 10m or 2h')
  .transform((text) => Number(text.slice(0, -1)) * (SECONDS[text.slice(-1)] ?? 1) * 1000);

/** A secret is never written in a recipe: it is named, and read when the build starts. */
export const secretReference = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable') }),
  z.strictObject({ file: z.string().min(1) }),
]);
export type SecretReference = z.output<typeof secretReference>;

/** RFC 1123 host name, as netcfg checks it: letters, digits, inner hyphens, 2 to 63 characters a label. */
export const hostname = z
  .string()
  .max(253)
  .regex(
    /^(?!.*--$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i,
    'letters, digits and inner hyphens, 2 to 63 characters, labels divided by dots',
  );

/** What user-setup and adduser accept as a login name. */
export const userName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'a lower-case letter first, then a-z 0-9 _ -, at most 32');

/** A crypt(5) hash: yescrypt, SHA-512, SHA-256, bcrypt. MD5 and DES are refused. */
export const passwordHash = z
  .string()
  .regex(
    /^\$(y\$[./A-Za-z0-9]+\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}|6\$(rounds=\d+\$)?[^$:\n]{1,16}\$[./A-Za-z0-9]{86}|5\$(rounds=\d+\$)?[^$:\n]{1,16}\$[./A-Za-z0-9]{43}|2[aby]\$\d\d\$[./A-Za-z0-9]{53})$/,
    'a crypt hash ($y$, $6$, $5$ or $2b$; `mkpasswd -m yescrypt` makes one)',
  );

/** One line of an authorized_keys file, without options. */
export const sshPublicKey = z
  .string()
  .regex(
    /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{40,}={0,3}( [^\n]*)?$/,
    'an OpenSSH public key (the line of a .pub file)',
  );

/** A Debian package name (Debian Policy 5.6.7). */
export const packageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'a package name: a-z 0-9 + - .');

/** A word that can stand in a kernel command line as it is. */
export const kernelArgument = z.string().regex(/^[^\s"'\\]+$/, 'one word without blanks, quotes or backslashes');

/** A path inside the guest. */
export const guestPath = z.string().regex(/^\/[^\n\0]*$/, 'an absolute path');
