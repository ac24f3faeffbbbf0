/**
 * An address for each name that was asked for, so that what is sent to it later is known to be for that name: out of 198.18.0.0/15, which
 * is set aside for tests of networks (RFC 2544), and out of 2001:db8:18::/48, set aside for documentation (RFC 3849).
 */
import { ipv4Text } from './address.ts';

export interface Names {
  readonly addressOf: (name: string, family: 4 | 6) => string;
  readonly nameOf: (address: string) => string | undefined;
}

/** As many as the addresses of the range; later names share the last one, and are then not told apart. */
const MOST = 2 ** 17 - 2;

export const createNames = (): Names => {
  const numbers = new Map<string, number>();
  const names = new Map<string, string>();
  return {
    addressOf(name, family) {
      const number = numbers.get(name) ?? Math.min(numbers.size + 1, MOST);
      numbers.set(name, number);
      const address = addressFor(number, family);
      if (!names.has(address)) names.set(address, name);
      return address;
    },
    nameOf: (address) => names.get(address),
  };
};

const addressFor = (number: number, family: 4 | 6): string =>
  family === 4
    ? ipv4Text(Uint8Array.of(198, 18 + (number >> 16), (number >> 8) & 0xff, number & 0xff))
    : `2001:db8:18::${number > 0xffff ? `${(number >> 16).toString(16)}:` : ''}${(number & 0xffff).toString(16)}`;
