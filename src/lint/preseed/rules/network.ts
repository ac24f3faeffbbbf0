/** Names, addresses and times of the network. */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Rule } from '../../rule.ts';
import { shown } from '../check.ts';
import { type Fault, type Form, formCheck, wordsOf } from './form.ts';

const hostname: Rule = {
  name: 'preseed/hostname',
  severity: 'error',
  summary: 'A host or domain name with a character that none can have; the installer asks for another.',
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

const nameFault = (value: string): Fault | undefined => {
  const labels = value.replace(/\.$/, '').split('.');
  const bad = labels.find((label) => !LABEL.test(label));
  if (bad === undefined) return undefined;
  const why = bad.length > 63 ? 'has more than 63 characters' : 'is not made of letters, digits and inner hyphens';
  return { message: `${shown(bad)} ${why}`, hint: 'A host name has letters, digits and - only.' };
};

const addressFault = (value: string): Fault | undefined => {
  const [plain = '', length, ...more] = value.split('/');
  const bits = isIPv6(plain) ? 128 : 32;
  const right = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits);
  return isIP(plain) && right && more.length === 0 ? undefined : { message: `${shown(value)} is no IP address` };
};

const netmaskFault = (value: string): Fault | undefined => {
  if (/^\d{1,3}$/.test(value) && Number(value) <= 128) return undefined;
  if (isIPv6(value)) return undefined;
  if (!isIPv4(value)) return { message: `${shown(value)} is no netmask` };
  const bits = value
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? undefined : { message: `${value} is no netmask: its ones are not all in front` };
};

const eachAddress = (value: string): Fault | undefined => {
  const part = wordsOf(value).find((word) => !isIP(word));
  if (part === undefined) return undefined;
  const hint = part.includes(',') ? 'Addresses are divided by blanks.' : undefined;
  return { message: `${shown(part)} is no IP address`, part, hint };
};

const forms: readonly Form[] = [
  { rule: hostname, question: /^netcfg\/(get_)?hostname$/, fault: nameFault },
  { rule: hostname, question: 'netcfg/get_domain', fault: nameFault },
  { rule: address, question: 'netcfg/get_ipaddress', fault: addressFault },
  { rule: address, question: 'netcfg/get_pointopoint', fault: addressFault },
  { rule: address, question: 'netcfg/get_netmask', fault: netmaskFault },
  {
    rule: address,
    question: 'netcfg/get_gateway',
    fault: (value) => (value === 'none' ? undefined : addressFault(value)),
  },
  { rule: address, question: 'netcfg/get_nameservers', fault: eachAddress },
  {
    rule: seconds,
    question: /^netcfg\/(dhcp_timeout|dhcpv6_timeout|link_wait_timeout)$/,
    fault(value) {
      if (/^\d+$/.test(value)) return undefined;
      return { message: `${shown(value)} is no number of seconds`, replacement: /^\d+/.exec(value)?.[0] };
    },
  },
];

export const network = formCheck(forms);
