/** Networks as other files have them: masks, cards by their bare names. */
import { BOND_MODES } from '../../schema/network-schema.ts';
import { type Hint, instead, write } from './hint.ts';

export const networkHint: Hint = (value) => {
  if (/^(static|manual|fixed)$/i.test(value))
    return 'A fixed address is a mapping: {address: 192.0.2.10/24, gateway: 192.0.2.1}.';
  return /^(auto|true|yes|dhcp4|dhcpv4)$/i.test(value) ? write('dhcp') : undefined;
};

export const deviceHint: Hint = (value) =>
  /^dhcp$/i.test(value) ? 'In a list a device is a mapping: {match: {name: eno1}, dhcp: true}.' : undefined;

/** `192.0.2.10`, `192.0.2.10/255.255.255.0` */
export const addressHint: Hint = (value) => {
  if (/^(default|any|all)$/i.test(value)) return 'The default route is the `gateway` of the device.';
  const [, address, mask] = /^([0-9.]+|[0-9a-f:]+:[0-9a-f:]*)(?:[/ ](255[0-9.]*))?$/i.exec(value.trim()) ?? [];
  if (address === undefined) return undefined;
  const bits = mask
    ?.split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  if (bits !== undefined) return /^1*0*$/.test(bits) ? write(`${address}/${bits.replace(/0/g, '').length}`) : undefined;
  return `Write it with the length of its prefix: \`${address}/${address.includes(':') ? 64 : 24}\`.`;
};

export const matchHint: Hint = (value) =>
  /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(value) ? write(`{mac: ${value}}`) : write(`{name: ${value}}`);

/** `5254.0012.3456` of switches, `525400123456`. */
export const macHint: Hint = (value) => {
  const digits = value.replaceAll(/[.:\s-]/g, '').toLowerCase();
  return /^[0-9a-f]{12}$/.test(digits) ? write(digits.replaceAll(/..(?=.)/g, '$&:')) : undefined;
};

/** Numbers of the kernel's bonding.txt, and what switches call them. */
export const bondModeHint: Hint = instead({
  ...Object.fromEntries(BOND_MODES.map((mode, number) => [String(number), mode])),
  lacp: '802.3ad',
  '802.3': '802.3ad',
  'round-robin': 'balance-rr',
  roundrobin: 'balance-rr',
  'active-passive': 'active-backup',
  failover: 'active-backup',
  backup: 'active-backup',
  xor: 'balance-xor',
  tlb: 'balance-tlb',
  alb: 'balance-alb',
});

export const nameServerHint: Hint = (value) =>
  /^[a-z0-9.-]*[a-z][a-z0-9.-]*$/i.test(value)
    ? 'A name server is asked for names, so it is known by its address only.'
    : undefined;
