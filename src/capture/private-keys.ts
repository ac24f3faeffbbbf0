/**
 * Private keys that a captured system has. They may be meant to be there, so they are no error; but all clones share
 * them, and whoever has the image has them.
 */
import type { GuestFiles } from './guest-files.ts';
import { globInHomes } from './homes.ts';

const PLACES: readonly string[] = [
  '~/.ssh/*',
  '~/*.pem',
  '~/*.key',
  '~/.gnupg/private-keys-v1.d/*',
  '/etc/ssl/private/*',
  '/etc/letsencrypt/archive/*/*',
  '/etc/pki/tls/private/*',
  '/etc/wireguard/*',
  '/etc/openvpn/*',
  '/etc/openvpn/*/*',
  '/etc/ipsec.d/private/*',
  '/etc/swanctl/private/*',
  '/etc/postfix/*.pem',
  '/etc/postfix/*.key',
  '/etc/dovecot/private/*',
  '/etc/nginx/*.key',
  '/etc/nginx/ssl/*',
  '/etc/apache2/ssl/*',
  '/var/lib/tor/*/*',
];

/** Bytes: no key is larger. */
const LARGEST = 64 * 2 ** 10;

/** PEM and OpenSSH; wg-quick's configuration; gpg-agent's files; Tor. */
const SIGNS: readonly RegExp[] = [
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/,
  /^PrivateKey\s*=\s*\S/m,
  /^(?:Key: )?\((?:protected-|shadowed-)?private-key\b/m,
  /^== ed25519v1-secret/,
];

/** Paths of the files that have one. */
export const privateKeysIn = async (files: GuestFiles): Promise<string[]> => {
  const paths = (await Promise.all(PLACES.map((pattern) => globInHomes(files, pattern)))).flat();
  const found: string[] = [];
  for (const path of [...new Set(paths)].sort()) {
    const { entry } = (await files.find(path)) ?? {};
    if (entry?.type !== 'file' || entry.size > LARGEST) continue;
    const text = (await files.text(path)) ?? '';
    if (SIGNS.some((sign) => sign.test(text))) found.push(path);
  }
  return found;
};
