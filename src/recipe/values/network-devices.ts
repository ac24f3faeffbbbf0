/** The devices of a network with their addresses read, and where each was written. */

import type { Path } from '../problems/problem.ts';
import { type Interface, interfacesOf, type NetworkAnswer } from '../schema/network-schema.ts';
import { type Cidr, cidrOf } from './ip.ts';

export interface GivenDevice {
  readonly path: Path;
  readonly given: Interface;
  readonly addresses: readonly Cidr[];
  /** The written form of a list of one. */
  readonly at: (field: 'address' | 'gateway', index: number) => Path;
}

export const devicesOf = (network: NetworkAnswer): GivenDevice[] => {
  const written = network === 'dhcp' ? [] : Array.isArray(network) ? network : [network];
  return interfacesOf(network).map((given, index) => {
    const path: Path = ['answers', 'network', ...(Array.isArray(network) ? [index] : [])];
    return {
      path,
      given,
      addresses: given.addresses.map(cidrOf),
      at: (field, nth) => [...path, field, ...(Array.isArray(written[index]?.[field]) ? [nth] : [])],
    };
  });
};
