/** Who listens, by ss(8), and where the guest has none, by the kernel's own tables. */
import type { Listener } from './facts.ts';

/** `tcp LISTEN 0 128 [::]:22 [::]:* users:(("sshd",pid=5,fd=3))`; an interface stands behind a `%`. */
export const parseSs = (line: string): Listener[] => {
  const [protocol, , , , local = '', , ...rest] = line.trim().split(/\s+/);
  const [, address = '', port] = /^(.*):(\d+)$/.exec(local) ?? [];
  if ((protocol !== 'tcp' && protocol !== 'udp') || port === undefined) return [];
  const process = /\(\("([^"]+)"/.exec(rest.join(' '))?.[1] ?? '';
  return [{ protocol, address: plainAddress(address), port: Number(port), process }];
};

const plainAddress = (text: string): string => {
  const address = text.replace(/%[^\]]*/, '').replace(/^\[(.*)\]$/, '$1');
  return address === '*' ? '::' : address.replace(/^::ffff:(?=\d+\.)/, '');
};

/** proc(5), /proc/net/tcp: TCP_LISTEN is 0A; a UDP socket without a peer is 07. */
export const parseProcNet = (table: 'tcp' | 'tcp6' | 'udp' | 'udp6', lines: readonly string[]): Listener[] =>
  lines.flatMap((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    const protocol = table.startsWith('tcp') ? 'tcp' : 'udp';
    if (state !== (protocol === 'tcp' ? '0A' : '07') || !/^[0-9A-F]+$/.test(address)) return [];
    return [{ protocol, address: addressOf(address), port: Number.parseInt(port, 16), process: '' }];
  });

/** Words of four bytes, each in the order of the processor. */
const addressOf = (hex: string): string => {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].toReversed());
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const words = Array.from({ length: 8 }, (_, nth) =>
    ((bytes[2 * nth] ?? 0) * 256 + (bytes[2 * nth + 1] ?? 0)).toString(16),
  );
  return words.join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
};

export const isLoopback = (address: string): boolean => /^127\./.test(address) || address === '::1';
export const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::';
