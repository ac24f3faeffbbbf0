/** Whether a router is in the network of the address that it is for. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { optionOf } from '../command-arguments.ts';
import type { CheckContext, ParsedCommand } from './check-context.ts';

export const checkGateways = (command: ParsedCommand, context: CheckContext): void => {
  checkGateway(command, context);
  checkGateway6(command, context);
};

export const isNetmask = (text: string): boolean => {
  if (!isIPv4(text)) return false;
  return /^1*0*$/.test(numberOf(text).toString(2).padStart(32, '0'));
};

/** As one number, for the comparison of networks. */
const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** A router in another network cannot be reached; with /32 it is meant so, and the clouds that do it say how. */
const checkGateway = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  const [ip = '', netmask = ''] = ['--ip', '--netmask'].map((name) => optionOf(args, name)?.value ?? '');
  const gateway = optionOf(args, '--gateway');
  const to = gateway?.value ?? '';
  if (!gateway || ![ip, to].every((address) => isIPv4(address)) || !isNetmask(netmask)) return;
  const size = 2 ** 32 - numberOf(netmask);
  const [own, router] = [ip, to].map((address) => Math.floor(numberOf(address) / size));
  if (size > 2 && own !== router)
    tell('address', line, gateway.valueAt, `the gateway ${to} is not in the network of ${ip} with ${netmask}`);
  else if (size > 1 && to === ip) tell('address', line, gateway.valueAt, `the gateway ${to} is the machine itself`);
};

/** A router is mostly named by its link-local address, which is reached in any case. */
const checkGateway6 = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  const [address = '', prefix = ''] = (optionOf(args, '--ipv6')?.value ?? '').split('/');
  const gateway = optionOf(args, '--ipv6gateway');
  const to = gateway?.value ?? '';
  const bits = Number(prefix);
  if (!gateway || ![address, to].every((one) => isIPv6(one)) || !(bits > 0 && bits < 127) || /^fe[89ab]/i.test(to))
    return;
  const own = new BlockList();
  own.addSubnet(address, bits, 'ipv6');
  if (!own.check(to, 'ipv6'))
    tell('address', line, gateway.valueAt, `the gateway ${to} is not in the network of ${address}/${prefix}`);
};
