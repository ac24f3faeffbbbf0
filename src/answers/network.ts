/** A fixed address as a file of systemd-networkd (systemd.network(5)) or NetworkManager (nm-settings-keyfile(5)). */
import { isIPv4 } from 'node:net';
import type { StaticNetwork } from '../recipe/installer-schema.ts';

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

/** The same for an installer, which takes a mask: `255.255.255.0`, `ffff:ffff:ffff:ffff::` and the like. */
export const installerAddress = ({ address: cidr, gateway, nameservers }: StaticNetwork): InstallerAddress => {
  const [address = '', prefix = ''] = cidr.split('/');
  const isOld = isIPv4(address);
  const bits = '1'.repeat(Number(prefix)).padEnd(isOld ? 32 : 128, '0');
  const groups = (size: number, base: number): string[] =>
    Array.from(bits.matchAll(new RegExp(`[01]{${size}}`, 'g')), ([group]) => Number.parseInt(group, 2).toString(base));
  return {
    address,
    prefix,
    family: isOld ? 'ipv4' : 'ipv6',
    netmask: isOld ? groups(8, 10).join('.') : groups(16, 16).join(':'),
    gateway: gateway ?? '',
    nameservers: nameservers.join(' '),
  };
};

export interface InstallerAddress {
  readonly address: string;
  readonly prefix: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly netmask: string;
  /** Empty when there is none. */
  readonly gateway: string;
  readonly nameservers: string;
}
