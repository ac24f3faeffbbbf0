/** Networks that cannot work: each device by itself, and each pair of them. */
import fc from 'fast-check';
import t from 'tap';
import { cidrOf, ipOf, ipText } from '../../src/recipe/values/ip.ts';
import { failure, HEAD, load } from './helpers.ts';

const network = (value: string): string => `${HEAD}answers: {network: ${value}}\n`;
const one = (rest: string): string => network(`{${rest}}`);
const list = (...devices: string[]): string => network(`[${devices.map((device) => `{${device}}`).join(', ')}]`);
const A = 'match: {mac: 52:54:00:12:34:56}';
const B = 'match: {mac: 52:54:00:12:34:57}';

const RIGHT: Readonly<Record<string, string>> = {
  'one address, as ever': one('address: 192.0.2.10/24, gateway: 192.0.2.1, nameservers: [192.0.2.2]'),
  'a /32 with its gateway outside': one('address: 203.0.113.7/32, gateway: 198.51.100.1'),
  'a /128 with a gateway that is local to the link': one('address: "2001:db8::7/128", gateway: "fe80::1"'),
  'a /64 with its gateway outside': one('address: "2001:db8:0:1::7/64", gateway: "2001:db8::ff"'),
  'both families': one('address: [192.0.2.10/24, "2001:db8::10/64"], gateway: [192.0.2.1, "2001:db8::1"]'),
  'both ends of a /31': one('address: 192.0.2.0/31, gateway: 192.0.2.1'),
  'the last address of IPv6 is none of broadcast': one('address: "2001:db8::ffff:ffff:ffff:ffff/64"'),
  'DHCP with more': one('dhcp: true, search: [example.org], mtu: 9000'),
  'a resolver on the machine': one('address: 192.0.2.10/24, nameservers: [127.0.0.1]'),
  'a name server on the link': one('address: "2001:db8::10/64", nameservers: ["fe80::1%eno1"]'),
  'two cards': list(`${A}, address: 192.0.2.10/24, gateway: 192.0.2.1`, `${B}, dhcp: true`),
  'a name before its pattern': list('match: {name: eno1}, address: 192.0.2.10/24', 'match: {name: "eno*"}, dhcp: true'),
  routes: one('address: 192.0.2.10/24, routes: [{to: 10.0.0.0/8, via: 192.0.2.1, metric: 100}, {to: 198.51.100.7/32}]'),
  'a route of a /32 through its gateway': one(
    'address: 203.0.113.7/32, gateway: 198.51.100.1, routes: [{to: 10.0.0.0/8, via: 198.51.100.1}]',
  ),
  'a VLAN on a card': list(`name: lan, ${A}`, 'name: vlan10, vlan: {id: 10, of: lan}, address: 192.0.2.10/24'),
  'a VLAN on a bond': list(
    'name: bond0, bond: {members: [{name: eno1}, {name: eno2}], mode: 802.3ad}, mtu: 9000',
    'name: bond0.7, vlan: {id: 7, of: bond0}, address: 192.0.2.10/24, mtu: 9000',
  ),
};

const WRONG: Readonly<Record<string, readonly [yaml: string, said: RegExp]>> = {
  "the network's address": [
    one('address: 192.0.2.0/24'),
    /network\.address: 192\.0\.2\.0 is the address of the network 192\.0\.2\.0\/24 itself[\s\S]*192\.0\.2\.2\/24/,
  ],
  'the broadcast': [one('address: 192.0.2.255/24'), /192\.0\.2\.255 is the broadcast address of 192\.0\.2\.0\/24/],
  'the broadcast of a small one': [one('address: 192.0.2.7/29'), /broadcast address of 192\.0\.2\.0\/29/],
  "IPv6's network": [one('address: "2001:db8::/64"'), /is the address of the network/],
  'one of a list': [
    one('address: [192.0.2.10/24, 198.51.100.0/24]'),
    /network\.address\[1\]: 198\.51\.100\.0 is the address of the network/,
  ],
  "the gateway's own": [
    one('address: 192.0.2.1/24, gateway: 192.0.2.1'),
    /network\.gateway: 192\.0\.2\.1 is the machine's own address/,
  ],
  'written otherwise': [one('address: "2001:db8::1/64", gateway: "2001:db8:0::1"'), /is the machine's own address/],
  'a gateway that is the network': [
    one('address: 192.0.2.10/24, gateway: 192.0.2.0'),
    /192\.0\.2\.0 is the address of the network/,
  ],
  'a gateway that is the broadcast': [
    one('address: 192.0.2.10/24, gateway: 192.0.2.255'),
    /is the broadcast address of its network/,
  ],
  'a gateway outside': [
    one('address: 192.0.2.10/24, gateway: 192.0.3.1'),
    /192\.0\.3\.1 is outside of 192\.0\.2\.10\/24[\s\S]*192\.0\.2\.10\/32/,
  ],
  'a gateway of the other family': [
    one('address: 192.0.2.10/24, gateway: "2001:db8::1"'),
    /is an IPv6 address, and the device has none of that kind/,
  ],
  'two gateways of a family': [
    one('address: 192.0.2.10/24, gateway: [192.0.2.1, 192.0.2.2]'),
    /gateway\[1\]: a second gateway of IPv4/,
  ],
  loopback: [one('address: 127.0.0.2/8'), /loopback/],
  multicast: [one('address: 224.0.0.5/24'), /multicast/],
  'no address': [one('address: 0.0.0.0/24'), /no address|is the address of the network/],
  'a prefix of 0': [one('address: 192.0.2.10/0'), /whole Internet[\s\S]*192\.0\.2\.10\/24/],
  twice: [one('address: [192.0.2.10/24, 192.0.2.10/24]'), /address\[1\]: 192\.0\.2\.10 is there twice/],
  'a name server that no IPv4 reaches': [
    one('address: "2001:db8::10/64", nameservers: ["2001:db8::53", 192.0.2.53]'),
    /nameservers\[1\]: 192\.0\.2\.53 is an IPv4 address, and the device has none of that kind/,
  ],
  'a name server of a card that only carries': [
    list(`name: lan, ${A}, nameservers: [192.0.2.53]`, 'name: vlan10, vlan: {id: 10, of: lan}, address: 192.0.2.10/24'),
    /nameservers\[0\]: 192\.0\.2\.53 is an IPv4 address, and the device has none at all[\s\S]*to the VLAN/,
  ],
  'a zone at a gateway': [
    one('address: "2001:db8::10/64", gateway: "fe80::1%eth0"'),
    /network\.gateway: expected an address without a zone/,
  ],
  'a zone at an address': [one('address: "fe80::5%eth0/64"'), /network\.address: expected an address without a zone/],
  nothing: [one('nameservers: [192.0.2.2]'), /expected an address, or dhcp: true/],
  'a name server that nobody is': [
    one('dhcp: true, nameservers: [224.0.0.1]'),
    /nameservers\[0\]: 224\.0\.0\.1 is a multicast address/,
  ],
  'a route that is no network': [
    one('address: 192.0.2.10/24, routes: [{to: 10.0.0.5/8, via: 192.0.2.1}]'),
    /routes\[0\]\.to: 10\.0\.0\.5\/8 is not a network[\s\S]*10\.0\.0\.0\/8/,
  ],
  'a route by nobody': [
    one('address: 192.0.2.10/24, routes: [{to: 10.0.0.0/8, via: 198.51.100.1}]'),
    /via: 198\.51\.100\.1 is outside/,
  ],
  'a route by oneself': [one('address: 192.0.2.10/24, routes: [{to: 10.0.0.0/8, via: 192.0.2.10}]'), /machine's own/],
  'a route of two families': [
    one('address: 192.0.2.10/24, routes: [{to: 10.0.0.0/8, via: "2001:db8::1"}]'),
    /via: 10\.0\.0\.0\/8 is of IPv4/,
  ],
  'the default route': [
    one('address: 192.0.2.10/24, routes: [{to: 0.0.0.0/0, via: 192.0.2.1}]'),
    /the default route is the gateway/,
  ],
  'a route to itself': [one('address: 192.0.2.10/24, routes: [{to: 192.0.2.0/24}]'), /needs no route/],
  'a small MTU for IPv6': [one('address: "2001:db8::10/64", mtu: 1000'), /IPv6 needs 1280/],
  'two cards without a match': [
    list('address: 192.0.2.10/24', `${B}, dhcp: true`),
    /network\[0\]: the recipe does not say which card/,
  ],
  'one card twice': [
    list(`${A}, dhcp: true`, `match: {mac: 52-54-00-12-34-56}, address: 192.0.2.10/24`),
    /network\[1\]\.match: 52:54:00:12:34:56 is already matched by an earlier/,
  ],
  'a pattern before the name': [
    list('match: {name: "eno*"}, dhcp: true', 'match: {name: eno1}, address: 192.0.2.10/24'),
    /eno1 is already matched by an earlier device[\s\S]*narrower/,
  ],
  'one address twice': [
    list(`${A}, address: 192.0.2.10/24`, `${B}, address: 192.0.2.10/24`),
    /network\[1\]\.address: another device has 192\.0\.2\.10/,
  ],
  'one network twice': [
    list(`${A}, address: 192.0.2.10/24`, `${B}, address: 192.0.2.200/25`),
    /overlaps with that of 192\.0\.2\.10\/24[\s\S]*bond/,
  ],
  'two default gateways': [
    list(`${A}, address: 192.0.2.10/24, gateway: 192.0.2.1`, `${B}, address: 198.51.100.10/24, gateway: 198.51.100.1`),
    /network\[1\]\.gateway: another device has the default gateway/,
  ],
  'one route twice': [
    list(
      `${A}, address: 192.0.2.10/24, routes: [{to: 10.0.0.0/8, via: 192.0.2.1}]`,
      `${B}, address: 198.51.100.10/24, routes: [{to: 10.0.0.0/8, via: 198.51.100.1}]`,
    ),
    /a route to 10\.0\.0\.0\/8 with the same metric/,
  ],
  'a VLAN on nothing': [
    list(`${A}, dhcp: true`, 'name: v1, vlan: {id: 1, of: eno1}, dhcp: true'),
    /vlan\.of: no card or bond has the name eno1/,
  ],
  'a VLAN on a VLAN': [
    list(
      `name: lan, ${A}`,
      'name: v1, vlan: {id: 1, of: lan}, dhcp: true',
      'name: v2, vlan: {id: 2, of: v1}, dhcp: true',
    ),
    /v1 is a VLAN itself/,
  ],
  'one VLAN twice': [
    list(
      `name: lan, ${A}`,
      'name: v1, vlan: {id: 1, of: lan}, dhcp: true',
      'name: v2, vlan: {id: 1, of: lan}, dhcp: true',
    ),
    /VLAN 1 of lan is there twice/,
  ],
  'a VLAN larger than its card': [
    list(`name: lan, ${A}`, 'name: v1, vlan: {id: 1, of: lan}, dhcp: true, mtu: 9000'),
    /lan carries 1500 bytes only/,
  ],
  'a VLAN without a name': [
    list(`name: lan, ${A}`, 'vlan: {id: 5, of: lan}, dhcp: true'),
    /a VLAN needs a name[\s\S]*vlan5/,
  ],
  'a number that is none': [list(`name: lan, ${A}`, 'name: v1, vlan: {id: 4095, of: lan}, dhcp: true'), /4094/],
  'a bond without a name': [one('bond: {members: [{name: eno1}]}, dhcp: true'), /a bond needs a name/],
  'a member twice': [
    one('name: bond0, bond: {members: [{name: eno1}, {name: eno1}]}, dhcp: true'),
    /members\[1\]: the card is a member already/,
  ],
  'a member with an address': [
    list('name: bond0, bond: {members: [{name: eno1}]}, dhcp: true', 'match: {name: eno1}, address: 192.0.2.10/24'),
    /eno1 is already matched by an earlier device/,
  ],
  'a bond with the name of a card': [
    list('match: {name: eno1}, dhcp: true', 'name: eno1, bond: {members: [{name: eno2}]}, address: 192.0.2.10/24'),
    /eno1 is the name of a card/,
  ],
  'a name twice': [
    list(`name: lan, ${A}, dhcp: true`, `name: lan, ${B}, address: 192.0.2.10/24`),
    /`lan` is there twice/,
  ],
  'a name that is too long': [one('name: averyverylongname, address: 192.0.2.10/24'), /at most 15/],
  'a VLAN alone': [
    one('vlan: {id: 1, of: eno1}, dhcp: true'),
    /network\.vlan: a VLAN needs the card[\s\S]*Make a list/,
  ],
  'bond and VLAN': [
    list('name: b, bond: {members: [{name: eno1}]}, vlan: {id: 1, of: c}, dhcp: true', 'name: c, match: {name: eno2}'),
    /bond and vlan exclude each other/,
  ],
  'a MAC address for groups': [one('match: {mac: 01:00:5e:00:00:01}, dhcp: true'), /cannot be the address of a card/],
  'a MAC address that is none': [one('match: {mac: 52:54:00:12:34}, dhcp: true'), /a MAC address such as/],
  'with cloud-init': [`${HEAD}answers: {cloudInit: true, network: [{${A}, dhcp: true}]}\n`, /exclude each other/],
};

t.test('networks that work', async (t) => {
  for (const [name, yaml] of Object.entries(RIGHT)) await t.resolves(load(t, yaml), name);
});

t.test('networks that do not, with what is wrong', async (t) => {
  for (const [name, [yaml, said]] of Object.entries(WRONG)) t.match((await failure(t, yaml)).text, said, name);
});

t.test('a network that Anaconda cannot bring up for the installation', async (t) => {
  const head = (mirror: string): string =>
    `name: a\nos: {family: redhat, release: "9"}\norigin: {iso: i.iso, sha256: ${'a'.repeat(64)}${mirror}}\n`;
  const files = { 'i.iso': '' };
  const bond = 'answers: {network: [{name: bond0, bond: {members: [{mac: 52:54:00:12:34:56}]}, dhcp: true}]}\n';
  const pattern = 'answers: {network: [{match: {name: "en*"}, dhcp: true}]}\n';
  for (const answers of [bond, pattern]) {
    await t.resolves(load(t, head('') + answers, { files }), 'nothing comes over the network');
    const { text } = await failure(t, head(', mirror: "http://m.example.org"') + answers, { files });
    t.match(text, /kickstart[\s\S]*by its name/);
  }
});

t.test('addresses', (t) => {
  fc.assert(fc.property(fc.ipV4(), (text) => ipText(ipOf(text)) === text));
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const ip = ipOf(text);
      return ipOf(ipText(ip)).value === ip.value;
    }),
  );
  t.same(cidrOf('192.0.2.1/24'), { version: 4, value: 0xc0000201n, prefix: 24, text: '192.0.2.1/24' });
  t.equal(ipText(ipOf('2001:db8:0:0:0:0:0:1')), '2001:db8::1');
  t.equal(ipText(ipOf('::')), '::');
  t.equal(ipText(ipOf('::ffff:192.0.2.1')), '::ffff:c000:201');
  t.end();
});
