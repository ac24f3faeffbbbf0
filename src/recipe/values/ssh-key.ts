/** One line of an authorized_keys file (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"), and what people write in its place. */
import { suggest } from '../../suggest.ts';
import { text } from '../schema/field-values.ts';

/** sshd takes them in any case. */
const OPTIONS: readonly string[] = (
  'agent-forwarding cert-authority command environment expiry-time from no-agent-forwarding no-port-forwarding no-pty ' +
  'no-touch-required no-user-rc no-x11-forwarding permitlisten permitopen port-forwarding principals pty restrict tunnel ' +
  'user-rc verify-required x11-forwarding'
).split(' ');
const WITH_VALUE: readonly string[] =
  'command environment expiry-time from permitlisten permitopen principals tunnel'.split(' ');

const FORM =
  /^([A-Za-z0-9-]+(?:="(?:[^"\\\r\n]|\\.)*")?(?:,[A-Za-z0-9-]+(?:="(?:[^"\\\r\n]|\\.)*")?)* )?(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{40,}={0,3}( [^\r\n]*)?$/;

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

/** With an option that it does not know, sshd passes over the whole line. */
export const sshPublicKey = text(FORM, 'an OpenSSH public key (the line of a .pub file)').refine(
  (line) => optionsOf(line).every(isRight),
  'an OpenSSH public key with options that sshd knows',
);

/** What to write instead of something that is not a key; undefined where no hint is known. */
export const sshKeyHint = (value: string): string | undefined => {
  const line = value.trim();
  const known = FORMATS.find(({ pattern }) => pattern.test(line));
  if (known !== undefined) return known.hint;
  const wrong = optionsOf(line).find((option) => !isRight(option));
  if (wrong === undefined) return undefined;
  if (OPTIONS.includes(wrong.name))
    return wrong.hasValue
      ? `${wrong.name} has no value.`
      : `${wrong.name} has a value in quotation marks: ${wrong.name}="…".`;
  const meant = suggest(wrong.name, OPTIONS);
  return meant === undefined ? `sshd has no option ${wrong.name}.` : `Did you mean the option \`${meant}\`?`;
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
