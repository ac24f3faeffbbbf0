/** Addresses, names and ports. */

import { isIP, isIPv4, isIPv6 } from 'node:net';
import { own } from '../../../own.ts';
import type { OptionUse } from '../command-arguments.ts';
import { hasOption, optionOf } from '../command-arguments.ts';
import { shown } from '../findings.ts';
import { type CheckContext, commandsNamed, type ParsedCommand } from './check-context.ts';
import { checkGateways, isNetmask } from './gateways.ts';

export const checkNetwork = (context: CheckContext): void => {
  for (const command of commandsNamed(context, 'network')) {
    checkAddresses(command, context);
    checkStatic(command, context);
    checkHost(command, context);
    checkNumbers(command, context);
    checkGateways(command, context);
    checkIgnored(command, context);
  }
  for (const command of commandsNamed(context, 'url', 'repo', 'liveimg')) checkUrls(command, context);
  for (const command of commandsNamed(context, 'firewall')) checkPorts(command, context);
};

const isIPv6Setting = (text: string): boolean => {
  const [address = '', prefix, ...rest] = text.split('/');
  if (/^[a-z]+$/i.test(text)) return ['auto', 'dhcp', 'ignore', 'link'].includes(text.toLowerCase());
  return (
    isIPv6(address) && rest.length === 0 && (prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= 128))
  );
};

const FORMS: Readonly<Record<string, readonly [(text: string) => boolean, string]>> = {
  '--ip': [isIPv4, 'an IPv4 address'],
  '--netmask': [isNetmask, 'a netmask such as 255.255.255.0'],
  '--gateway': [(text) => isIP(text) !== 0, 'an IP address'],
  '--ipv6': [isIPv6Setting, 'auto, dhcp, or an IPv6 address with its prefix length'],
  '--ipv6gateway': [isIPv6, 'an IPv6 address'],
  '--nameserver': [
    (text) => text.split(',').every((server) => server.trim() === '' || isIP(server.trim()) !== 0),
    'IP addresses divided by commas',
  ],
};

const checkAddresses = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  for (const { name, value, valueAt } of args.options) {
    const [isRight, expected] = own(FORMS, name) ?? [];
    // Words such as `none` and `auto` are taken by some releases in place of an address.
    if (!isRight || value === undefined || value === '' || /^(none|auto|dhcp)$/i.test(value)) continue;
    if (!isRight(value))
      tell('address', line, valueAt, `${name} expects ${expected}, not ${shown(value)}`, {
        hint:
          name === '--ip' && value.includes('/')
            ? 'The prefix length goes into --netmask, as in 255.255.255.0.'
            : undefined,
      });
  }
};

const checkStatic = ({ line, args, command }: ParsedCommand, { tell }: CheckContext): void => {
  const protocol = optionOf(args, '--bootproto');
  const six = hasOption(args, '--ipv6', '--noipv4');
  if (protocol?.value === 'static' && !hasOption(args, '--ip') && !six)
    tell('network-incomplete', line, protocol.valueAt, '--bootproto=static needs --ip and --netmask');
  else if (hasOption(args, '--ip') && !hasOption(args, '--netmask') && protocol?.value === 'static')
    tell('network-incomplete', line, protocol.valueAt, '--ip also needs --netmask');
  const bound = optionOf(args, '--bindto');
  if (bound && hasOption(args, '--vlanid') && !optionOf(args, '--bondopts')?.value)
    tell('exclusive-options', line, bound.word, '--bindto is for a card or a bond, not for a VLAN on it');
  for (const option of ['--bondslaves', '--bridgeslaves', '--teamslaves', '--vlanid'])
    if (hasOption(args, option) && !hasOption(args, '--device'))
      tell('network-incomplete', line, command.name, `${option} also needs --device`);
};

/** Read by pykickstart, then ignored. */
const checkIgnored = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  const wireless = optionOf(args, '--essid');
  if (wireless)
    tell(
      'ignored-option',
      line,
      wireless.word,
      'the installer sets up no wireless network: the whole command is passed over',
      {
        hint: 'Let %post write a connection for NetworkManager.',
      },
    );
  for (const name of ['--wepkey', '--wpakey', '--nodns', '--ethtool', '--notksdevice']) {
    const use = wireless ? undefined : optionOf(args, name);
    if (use) tell('ignored-option', line, use.word, `the installer ignores ${name}`, { severity: 'info' });
  }
};

const checkHost = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  const host = optionOf(args, '--hostname');
  if (host?.value === undefined || host.value === '') return;
  const isRight =
    host.value.length <= 253 &&
    host.value
      .replace(/\.$/, '')
      .split('.')
      .every((label) => /^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/.test(label));
  if (!isRight) tell('host-name', line, host.valueAt, `${shown(host.value)} is not a host name`);
};

const checkNumbers = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  const within = (name: string, least: number, most: number): void => {
    const use = optionOf(args, name);
    if (
      use?.value !== undefined &&
      !(/^\d+$/.test(use.value) && Number(use.value) >= least && Number(use.value) <= most)
    )
      tell('address', line, use.valueAt, `${name} expects a number from ${least} to ${most}, not ${shown(use.value)}`);
  };
  const bridge = optionOf(args, '--bridgeopts');
  if (bridge?.value?.split(',').some((setting) => !/^[^=]*=[^=]+$/.test(setting)))
    tell('bad-value', line, bridge.valueAt, '--bridgeopts expects name=value, divided by commas');
  within('--vlanid', 0, 4095);
  within('--mtu', 68, 65535);
};

const URLS = ['--url', '--baseurl', '--mirrorlist', '--metalink', '--proxy'];

const checkUrls = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  for (const { name, value, valueAt } of args.options) {
    if (!URLS.includes(name) || value === undefined) continue;
    const fault = urlFault(name, value);
    if (fault !== undefined) tell('url', line, valueAt, `${shown(value)} ${fault}`);
  }
};

const urlFault = (name: string, value: string): string | undefined => {
  if (value.trim() === '') return 'is no address';
  if (/\s/.test(value)) return 'has a blank in it';
  // The proxy's protocol may be left out.
  if (name === '--proxy') return undefined;
  if (/^(https?|ftp|file|nfs|hmc|hd|cdrom):/i.test(value))
    return /^(https?|ftp):\/\/[^/]/i.test(value) || !/^(https?|ftp):/i.test(value) ? undefined : 'names no host';
  return /^[$/]/.test(value) && name !== '--url' ? undefined : 'has no protocol such as https://';
};

const checkPorts = ({ line, args }: ParsedCommand, { tell }: CheckContext): void => {
  for (const use of args.options.filter(({ name }) => name === '--port')) {
    const wrong = (use.value ?? '')
      .split(',')
      .map((port) => port.trim())
      .find((port) => port !== '' && !isPort(port));
    if (wrong !== undefined) tellPort(use, wrong);
  }
  function tellPort({ valueAt }: OptionUse, port: string): void {
    tell('port', line, valueAt, `${shown(port)} is no port`, {
      hint: 'NUMBER:tcp or NUMBER:udp; FIRST-LAST:tcp for several.',
    });
  }
};

/** `22`, `22:tcp`, `6000-6010:udp`, `imap:tcp`. */
const isPort = (text: string): boolean => {
  const [port = '', protocol = 'tcp', ...rest] = text.split(':');
  if (rest.length > 0 || !/^(tcp|udp|sctp|dccp)$/i.test(protocol)) return false;
  const numbers = port.split('-');
  if (!numbers.every((number) => /^\d+$/.test(number))) return /^[a-z][a-z0-9_-]*$/i.test(port);
  return numbers.length <= 2 && numbers.every((number) => Number(number) >= 1 && Number(number) <= 65535);
};
