/** Names of hosts, users and time servers that have more in them than a name. */
import { type Hint, write } from './hint.ts';

export const userNameHint: Hint = (value) => {
  if (/^\d+$/.test(value)) return `A name begins with a letter: \`u${value}\`.`;
  // `CORP\max` and `max@corp.example` of a directory.
  const [, login = value] = /^(?:[^\\]+\\+)?([^\\@]+)(?:@[^@]+)?$/.exec(value.trim()) ?? [];
  const plain = login
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\s+/g, '.')
    .replaceAll(/[^a-z0-9_.-]/g, '')
    .replace(/^[^a-z_]+/, '')
    .slice(0, 32);
  return plain === '' || plain === value ? undefined : write(plain);
};

/** The field of /etc/passwd has commas of its own, and lines have colons. */
export const fullNameHint: Hint = (value) => {
  const plain = value
    .replaceAll(/[:,="\\\p{Cc}]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain === '' || plain === value ? undefined : write(plain);
};

/** Rules as sudoers has them. */
export const sudoHint: Hint = (value) => {
  if (/^(false|no|off|null)$/i.test(value)) return write('none');
  if (/nopasswd/i.test(value)) return write('nopasswd');
  return /^(true|yes|all)$/i.test(value) || /\bALL\b/.test(value)
    ? 'Write `nopasswd`, or `password` to be asked for it.'
    : undefined;
};

export const hostnameHint: Hint = (value) => {
  const [host = '', ...domain] = value.split('.');
  if (domain.length > 0 && /^[a-z0-9-]{2,63}$/i.test(host))
    return `The domain is a field of its own: hostname: ${host}, domain: ${domain.join('.')}.`;
  const plain = value.replaceAll(/[\s_]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return plain !== value && /^[a-z0-9-]{2,63}$/i.test(plain) ? write(plain) : undefined;
};

export const timeServerHint: Hint = (value) => {
  const [, server] = /^(?:ntp:\/\/|server\s+|pool\s+)?([A-Za-z0-9.:-]+)(?:\s.*|\/)?$/.exec(value.trim()) ?? [];
  return server === undefined || server === value ? undefined : `The name alone: \`${server}\`.`;
};
