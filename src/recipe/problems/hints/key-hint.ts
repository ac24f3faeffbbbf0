/** Keys that people use, from other tools' files, and that a part of a recipe does not have. */
import { own } from '../../../own.ts';
import type { Path } from '../problem.ts';
import { type Hint, synonyms, write } from './hint.ts';

/** All of them to one hint. */
const each = (words: string, hint: string): Readonly<Record<string, string>> =>
  Object.fromEntries(words.split(' ').map((word) => [word, hint]));

const steps = each('steps provisioners provision', '`configure` has the steps.');
const prefix = 'The length of the prefix stands in the address: 192.0.2.10/24.';
const later = (how: string): string => `A step of \`configure\` sets it: ${how}.`;

/** Under the last word of the part that they stand in; keys are compared in lower case. */
const KEYS: Readonly<Record<string, Hint>> = {
  '': synonyms({ ...steps, output: '`capture` says what is delivered.' }),
  answers: synonyms({
    ...steps,
    password: 'A password is a user’s: users: [{name: …, password: {hash: …}}].',
  }),
  network: synonyms({
    ...each('dns dnsservers nameserver dns_nameservers dns-nameservers', write('nameservers')),
    ...each('netmask mask prefix', prefix),
    ...each('addresses ip address4 ipv4 ipv6', write('address')),
    ...each('gateway4 gateway6 routers', write('gateway')),
    ...each('dhcp4 dhcp6', write('dhcp: true')),
    ...each('mac macaddress hwaddr hwaddress', write('match: {mac: …}')),
    ...each('interface device ifname', write('match: {name: …}')),
    ...each('dns-search domain domains dnsdomain', write('search')),
    ...each(
      'ethernets bonds vlans renderer config',
      'A recipe has a list of devices, no file of netplan or cloud-init: [{match: {name: eno1}, dhcp: true}].',
    ),
    ...each(
      'bridge bridges wifi wifis wireguard tunnel tunnels',
      'Cards, bonds and VLANs are set here. A step can copy what else systemd-networkd is to make: /etc/systemd/network/NAME.netdev and NAME.network.',
    ),
  }),
  bond: synonyms({ ...each('interfaces slaves ports links', write('members')), ...each('policy type', write('mode')) }),
  vlan: synonyms({ ...each('link device parent interface', write('of')), ...each('tag vid', write('id')) }),
  users: synonyms({
    ...each('ssh_authorized_keys authorized_keys ssh_keys sshkey keys ssh-authorized-keys', write('sshKeys')),
    ...each('gecos comment full_name', write('fullName')),
    ...each('passwd hashed_passwd plain_text_passwd', write('password: {hash: …}')),
    shell: later('`usermod --shell /usr/bin/zsh NAME`'),
    ...each('uid gid', later('`usermod --uid 1500 NAME`')),
    ...each('home homedir', later('`usermod --home /srv/NAME --move-home NAME`')),
    lock_passwd: 'Without `password` no password fits.',
  }),
  partitions: synonyms({
    ...each(
      'options mountoptions mount_options fsoptions',
      later("`sed -i -E '/\\s\\/tmp\\s/s/defaults|rw,relatime/&,nosuid,nodev,noexec/' /etc/fstab`"),
    ),
    ...each('mountpoint path mount_point', write('mount')),
    ...each('fstype format type', write('filesystem')),
  }),
};

/** What to write in the place of a key that people use. */
export const keyHint = (path: Path): string | undefined => {
  if (path.at(-1) === '<<')
    return 'Mappings are not merged: write the fields out. A whole value may be repeated, as *NAME.';
  const part = path.slice(0, -1).findLast((name) => typeof name === 'string') ?? '';
  return own(KEYS, String(part))?.(String(path.at(-1)));
};
