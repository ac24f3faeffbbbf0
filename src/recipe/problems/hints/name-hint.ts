/** Names of hosts, users and time servers that have more in them than a name. */
import { type Hint, write } from './hint.ts';

export const userNameHint: Hint = (value) => {
  const plain = value
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\s+/g, '.')
    .replaceAll(/[^a-z0-9_.-]/g, '')
    .replace(/^[^a-z_]+/, '')
    .slice(0, 32);
  return plain === '' || plain === value ? undefined : write(plain);
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
