/** Names, addresses and times of the network. */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Severity } from '../../finding.ts';
import type { Rule } from '../../rule.ts';
import { given, shownValue } from '../check.ts';
import type { PreseedFile } from '../preseed-file.ts';
import { type Form, type FormFault, formCheck, type Given, wordsOf } from './form.ts';

const hostname: Rule = {
  name: 'preseed/hostname',
  severity: 'error',
  summary: 'A host name with a character that none can have: the installer asks for another. It takes any domain name.',
  source: 'netcfg (netcfg/invalid_hostname); RFC 1123, section 2.1',
  bad: 'd-i netcfg/get_hostname string web_1\n',
  good: 'd-i netcfg/get_hostname string web-1\n',
};

const address: Rule = {
  name: 'preseed/address',
  severity: 'error',
  summary: 'What has to be an IP address or a netmask is none; the installer asks again.',
  source: 'netcfg (netcfg/bad_ipaddress); installation guide, appendix B.4.2',
  bad: 'd-i netcfg/get_ipaddress string 192.0.2.300\n',
  good: 'd-i netcfg/get_ipaddress string 192.0.2.30\n',
};

const seconds: Rule = {
  name: 'preseed/seconds',
  severity: 'error',
  summary: 'A time-out is a number of seconds without a unit.',
  source: 'netcfg (netcfg/bad_link_wait_timeout); installation guide, appendix B.4.2',
  bad: 'd-i netcfg/dhcp_timeout string 60s\n',
  good: 'd-i netcfg/dhcp_timeout string 60\n',
};

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

const nameFault = (value: string): FormFault | undefined => {
  const labels = value.replace(/\.$/, '').split('.');
  const bad = labels.find((label) => !LABEL.test(label));
  if (bad === undefined) return undefined;
  const why = bad.length > 63 ? 'has more than 63 characters' : 'is not made of letters, digits and inner hyphens';
  return { message: `${shownValue(bad)} ${why}`, hint: 'A host name has letters, digits and - only.' };
};

/** An end with a dot is one of a whole domain name; the installer takes none. */
const hostFault = (value: string): FormFault | undefined =>
  /[^.]\.$/.test(value)
    ? { message: `${shownValue(value)} ends in a dot`, replacement: value.replace(/\.+$/, '') }
    : nameFault(value);

const lowered = (fault: FormFault | undefined, severity: Severity): FormFault | undefined =>
  fault && { ...fault, severity };

/** Told to set the network up by hand, or to do so after DHCP failed. */
const byHand = (other: Given): boolean =>
  other('netcfg/disable_autoconfig') === 'true' ||
  other('netcfg/disable_dhcp') === 'true' ||
  other('netcfg/use_autoconfig') === 'false' ||
  /manual/i.test(other('netcfg/dhcp_options') ?? '');

export const isStatic = (file: PreseedFile): boolean => byHand((question) => given(file, question));

/** Addresses are looked at when the network is set up by hand: told to, or after DHCP failed. */
const ifStatic =
  (check: (value: string) => FormFault | undefined) =>
  (value: string, _question: string, other: Given): FormFault | undefined => {
    return byHand(other) ? check(value) : lowered(check(value), 'warning');
  };

const addressFault = (value: string): FormFault | undefined => {
  const [plain = '', length, ...more] = value.split('/');
  const bits = isIPv6(plain) ? 128 : 32;
  const right = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
  return isIP(plain) && right && more.length === 0 ? undefined : { message: `${shownValue(value)} is no IP address` };
};

const netmaskFault = (value: string): FormFault | undefined => {
  if (/^\d{1,3}$/.test(value) && Number(value) <= 128) return undefined;
  if (isIPv6(value)) return undefined;
  if (!isIPv4(value)) return { message: `${shownValue(value)} is no netmask` };
  const bits = value
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? undefined : { message: `${value} is no netmask: its ones are not all in front` };
};

const bitsOf = (address: string): number =>
  address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);

/** The installer tells of a gateway that is not in the network of the address. */
const unreachable = (gateway: string, other: Given): FormFault | undefined => {
  const [address = '', length] = (other('netcfg/get_ipaddress') ?? '').split('/');
  const mask = other('netcfg/get_netmask') ?? '';
  if (!isIPv4(gateway) || !isIPv4(address) || !byHand(other) || other('netcfg/get_pointopoint') !== undefined)
    return undefined;
  const size = length === undefined ? (isIPv4(mask) ? 2 ** 32 - bitsOf(mask) : 1) : 2 ** (32 - Number(length));
  // A mask of one address is meant to be so.
  if (!(size > 1) || Math.floor(bitsOf(gateway) / size) === Math.floor(bitsOf(address) / size)) return undefined;
  return { message: `the gateway ${gateway} is not in the network of ${address}` };
};

const eachAddress = (value: string): FormFault | undefined => {
  const part = wordsOf(value).find((word) => !isIP(word));
  if (part === undefined) return undefined;
  const hint = part.includes(',') ? 'Addresses are divided by blanks.' : undefined;
  // Those that are none are passed over.
  const severity = wordsOf(value).some((word) => isIP(word)) ? 'warning' : undefined;
  return { message: `${shownValue(part)} is no IP address`, part, hint, severity };
};

const forms: readonly Form[] = [
  { rule: hostname, question: /^netcfg\/(get_)?hostname$/, fault: hostFault },
  { rule: hostname, question: 'netcfg/get_domain', fault: (value) => lowered(nameFault(value), 'info') },
  { rule: address, question: 'netcfg/get_ipaddress', fault: ifStatic(addressFault) },
  { rule: address, question: 'netcfg/get_pointopoint', fault: ifStatic(addressFault) },
  { rule: address, question: 'netcfg/get_netmask', fault: ifStatic(netmaskFault) },
  {
    rule: address,
    question: 'netcfg/get_gateway',
    fault: (value, question, other) =>
      value === 'none' ? undefined : (ifStatic(addressFault)(value, question, other) ?? unreachable(value, other)),
  },
  { rule: address, question: 'netcfg/get_nameservers', fault: ifStatic(eachAddress) },
  {
    rule: seconds,
    question: /^netcfg\/(dhcp_timeout|dhcpv6_timeout|link_wait_timeout)$/,
    fault(value, question) {
      const link = question === 'netcfg/link_wait_timeout';
      if (/^\d+$/.test(value) && (!link || Number(value) > 0)) return undefined;
      return {
        message: `${shownValue(value)} is no number of seconds`,
        replacement: /^[1-9]\d*/.exec(value)?.[0],
        // The digits in front count there, for the link the whole has to be a number.
        severity: !link && /^[1-9]/.test(value) ? 'warning' : undefined,
      };
    },
  },
];

export const networkRules = formCheck(forms);
