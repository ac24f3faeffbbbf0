/** The addresses of the sink's network, and those that it treats in a way of their own. */

/** As in QEMU's own user network, so that a guest meets nothing new. */
export const SINK = {
  mac: '52:54:00:53:1e:4b',
  lease: { address: '10.0.2.15', server: '10.0.2.2', subnet: '255.255.255.0' },
  /** What routers advertise comes from an address of the link (RFC 4861, 4.2). */
  router: 'fe80::5054:ff:fe53:1e4b',
  prefix: '2001:db8:0:2::',
  nameServer6: '2001:db8:0:2::53',
} as const;

/** The servers to which the network itself sends a guest's questions. */
export const OWN_NAME_SERVERS: readonly string[] = [SINK.lease.server, SINK.nameServer6];

/** Metadata services of clouds (link-local, Amazon's by IPv6, Alibaba's, Azure's): an answer would make a guest believe that it is in one. */
export const isMetadata = (address: string): boolean =>
  address.startsWith('169.254.') ||
  address.startsWith('fd00:ec2:') ||
  address === '100.100.100.200' ||
  address === '168.63.129.16';

/** Multicast, and broadcast of the whole and of the lease's network. */
export const isMany = (address: string): boolean =>
  address.startsWith('ff') ||
  address === '255.255.255.255' ||
  address === '10.0.2.255' ||
  /^(22[4-9]|23\d)\./.test(address);
