/** A fixed address as a file of systemd-networkd (systemd.network(5)) or NetworkManager (nm-settings-keyfile(5)). */
import { isIPv4 } from 'node:net';
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

/** As above: any Ethernet card. */
export const connectionFile = ({ address, gateway, nameservers }: StaticNetwork): string => {
  const part = (family: 'ipv4' | 'ipv6'): readonly string[] => {
    const belongs = (text: string): boolean => isIPv4(text.split('/')[0] ?? '') === (family === 'ipv4');
    const servers = nameservers.filter(belongs);
    return [
      '',
      `[${family}]`,
      ...(belongs(address)
        ? ['method=manual', `address1=${address}${gateway !== undefined && belongs(gateway) ? `,${gateway}` : ''}`]
        : [`method=${family === 'ipv4' ? 'disabled' : 'auto'}`]),
      ...(servers.length > 0 ? [`dns=${servers.join(';')};`] : []),
    ];
  };
  return ['[connection]', 'id=ethernet', 'type=ethernet', ...part('ipv4'), ...part('ipv6'), ''].join('\n');
};
