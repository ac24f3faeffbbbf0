/** One line of an authorized_keys file (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"), and what people write in its place. */
import { z } from 'zod';
import { suggest } from '../../suggest.ts';
import { keyBlobFault } from './ssh-key-blob.ts';

/** sshd takes them in any case. */
const OPTIONS: readonly string[] = (
  'agent-forwarding cert-authority command environment expiry-time from no-agent-forwarding no-port-forwarding no-pty ' +
  'no-touch-required no-user-rc no-x11-forwarding permitlisten permitopen port-forwarding principals pty restrict tunnel ' +
  'user-rc verify-required x11-forwarding'
).split(' ');
const WITH_VALUE: readonly string[] =
  'command environment expiry-time from permitlisten permitopen principals tunnel'.split(' ');

const FORM =
  /^([A-Za-z0-9-]+(?:="(?:[^"\\\r\n]|\\.)*")?(?:,[A-Za-z0-9-]+(?:="(?:[^"\\\r\n]|\\.)*")?)*[ \t]+)?(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)[ \t]+([A-Za-z0-9+/]{40,}={0,3})([ \t][^\r\n]*)?$/;

/** The options before the key, `from="192.0.2.0/24",restrict`. */
const optionsOf = (line: string): readonly { readonly name: string; readonly hasValue: boolean }[] => {
  const options = FORM.exec(line)?.[1]?.trim() ?? '';
  return Array.from(options.matchAll(/([A-Za-z0-9-]+)(="(?:[^"\\]|\\.)*")?(?:,|$)/g), ([, name = '', value]) => ({
    name: name.toLowerCase(),
    hasValue: value !== undefined,
  }));
};

const isRight = ({ name, hasValue }: { readonly name: string; readonly hasValue: boolean }): boolean =>
  OPTIONS.includes(name) && hasValue === WITH_VALUE.includes(name);

const KEY_LINE = 'an OpenSSH public key (the line of a .pub file)';

/** With an option that it does not know, or a key that is not whole, sshd passes over the whole line. */
export const sshPublicKey = z
  .string({ error: KEY_LINE })
  // A block of YAML ends in a line feed.
  .trim()
  .regex(FORM, KEY_LINE)
  .refine((line) => optionsOf(line).every(isRight), 'an OpenSSH public key with options that sshd knows')
  .refine((line) => blobFaultOf(line) === undefined, 'an OpenSSH public key that is whole');

const blobFaultOf = (line: string): string | undefined => {
  const [, , type, , , blob] = FORM.exec(line) ?? [];
  return type === undefined || blob === undefined ? undefined : keyBlobFault(type, blob);
};

/** What to write instead of something that is not a key; undefined where no hint is known. */
export const sshKeyHint = (value: string): string | undefined => {
  const line = value.trim();
  const known = FORMATS.find(({ pattern }) => pattern.test(line));
  if (known !== undefined) return known.hint;
  const wrong = optionsOf(line).find((option) => !isRight(option));
  if (wrong === undefined) return blobFaultOf(line) ?? strayWordHint(line);
  if (OPTIONS.includes(wrong.name))
    return wrong.hasValue
      ? `${wrong.name} has no value.`
      : `${wrong.name} has a value in quotation marks: ${wrong.name}="…".`;
  const meant = suggest(wrong.name, OPTIONS);
  return meant === undefined ? `sshd has no option ${wrong.name}.` : `Did you mean the option \`${meant}\`?`;
};

/** A key with something before it that is no option: a host of known_hosts, a quotation mark. */
const strayWordHint = (line: string): string | undefined => {
  const [, before = '', key = ''] =
    /^(.+?)((?:ssh-|ecdsa-|sk-)[a-z0-9@.-]+[ \t]+[A-Za-z0-9+/]{40,}.*)$/.exec(line) ?? [];
  if (key === '') return undefined;
  if (/^["']$/.test(before)) return 'Leave out the quotation marks inside of the text.';
  return /^[^\s="]+ $/.test(before)
    ? `\`${before.trim()}\` is no option of sshd: a line of known_hosts has a host there. Leave it out.`
    : undefined;
};

const FORMATS: readonly { readonly pattern: RegExp; readonly hint: string }[] = [
  {
    pattern: /^PuTTY-User-Key-File/,
    hint: 'A key of PuTTY, with its private part. Its public part: `puttygen KEY.ppk -O public-openssh -o KEY.pub`.',
  },
  {
    pattern: /^-----BEGIN [A-Z ]*PRIVATE KEY-----/,
    hint: 'A private key. Its public part: `ssh-keygen -y -f KEY > KEY.pub`.',
  },
  {
    pattern: /^---- BEGIN SSH2 PUBLIC KEY ----/,
    hint: 'The format of RFC 4716 (PuTTYgen, commercial SSH). Convert it: `ssh-keygen -i -f FILE > KEY.pub`.',
  },
  { pattern: /^-----BEGIN PUBLIC KEY-----/, hint: 'PKCS #8. Convert it: `ssh-keygen -i -m PKCS8 -f FILE > KEY.pub`.' },
  { pattern: /^-----BEGIN RSA PUBLIC KEY-----/, hint: 'PEM. Convert it: `ssh-keygen -i -m PEM -f FILE > KEY.pub`.' },
  {
    pattern: /^-----BEGIN CERTIFICATE-----/,
    hint: 'An X.509 certificate, which sshd does not accept. Make a key: `ssh-keygen -t ed25519`.',
  },
  {
    pattern: /(^|\s)[a-z0-9-]+-cert-v0\d@openssh\.com\s/,
    hint: 'A certificate belongs to the one who logs in. Write the key of the CA that signs it, `cert-authority ssh-ed25519 AAAA…`.',
  },
  { pattern: /(^|\s)ssh-dss\s/, hint: 'OpenSSH no longer accepts DSA keys. Make another: `ssh-keygen -t ed25519`.' },
  { pattern: /^(~\/|\.{0,2}\/|\S+\.pub$)/, hint: 'A file is named as {file: PATH}.' },
  {
    pattern: /^(gh|gl|lp|github|gitlab|https?):/,
    hint: 'Keys are not fetched: put them into a file, {file: PATH}.',
  },
  {
    pattern: /[\r\n]/,
    hint: 'One key is one line and one list entry; {file: PATH} names a file with several.',
  },
  {
    pattern: /^(\S+ )?(ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/]{1,39}=*(\s|$)/,
    hint: 'The key is cut off: it is one long line.',
  },
];
