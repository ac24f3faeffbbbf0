/** Addresses as text and as bytes: Ethernet, IPv4, and IPv6 in its canonical form (RFC 5952). */

export const macText = (bytes: Uint8Array): string => [...bytes].map((one) => hex2(one)).join(':');

export const ipv4Text = (bytes: Uint8Array): string => bytes.join('.');

export const ipv4Bytes = (text: string): Buffer => Buffer.from(text.split('.').map(Number));

/** The longest run of zero groups is left out, the first of equal ones; a single one stays. */
export const ipv6Text = (bytes: Buffer): string => {
  const groups = Array.from({ length: 8 }, (_, nth) => bytes.readUInt16BE(nth * 2));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (groups[start + length] === 0) length += 1;
    if (length > best.length) best = { start, length };
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (best.length === 1) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
};

/** Of an address that is known to be one. */
export const ipv6Bytes = (text: string): Buffer => {
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const bytes = Buffer.alloc(16);
  first.forEach((group, nth) => void bytes.writeUInt16BE(group, nth * 2));
  last.forEach((group, nth) => void bytes.writeUInt16BE(group, 16 - (last.length - nth) * 2));
  return bytes;
};

export const isIpv6 = (text: string): boolean => text.includes(':');

export const addressBytes = (text: string): Buffer => (isIpv6(text) ? ipv6Bytes(text) : ipv4Bytes(text));

const hex2 = (byte: number): string => byte.toString(16).padStart(2, '0');
