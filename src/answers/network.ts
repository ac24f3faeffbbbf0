/** A fixed address as a systemd-networkd file (systemd.network(5)); DHCP is a file of the hooks. */
import type { StaticNetwork } from '../recipe/answers-schema.ts';

/** No card is named: the address goes to the Ethernet card, whatever it is called (bridges and the like have a kind). */
export const networkFile = ({ address, gateway, nameservers }: StaticNetwork): string =>
  [
    '[Match]',
    'Type=ether',
    'Kind=!*',
    '',
    '[Network]',
    `Address=${address}`,
    ...(gateway === undefined ? [] : [`Gateway=${gateway}`]),
    ...nameservers.map((nameserver) => `DNS=${nameserver}`),
    '',
  ].join('\n');
