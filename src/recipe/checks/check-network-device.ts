/** What a device of a network may not say by itself. */

import type { Path, Problem } from '../problems/problem.ts';
import {
  type Cidr,
  cidrOf,
  hasEnds,
  type Ip,
  ipOf,
  ipText,
  isIn,
  isLinkLocal,
  isSame,
  lastOf,
  networkOf,
  notForHosts,
  widthOf,
} from '../values/ip.ts';
import type { GivenDevice } from '../values/network-devices.ts';

export const checkDevice = (device: GivenDevice, all: readonly GivenDevice[]): Problem[] => [
  ...checkKind(device, all),
  ...device.addresses.flatMap((address, index) => checkAddress(address, device.at('address', index))),
  ...checkOwn(device),
  ...checkGateways(device),
  ...checkRoutes(device),
  ...device.given.nameservers.flatMap((server, index) => {
    const what = notForHosts(ipOf(server));
    const path = [...device.path, 'nameservers', index];
    if (what === 'a loopback address') return [];
    return what === undefined
      ? checkReach(server, device, path)
      : [{ path, message: `${server} is ${what}, no name server has it` }];
  }),
  ...checkMtu(device, all),
];

const checkKind = ({ path, given }: GivenDevice, all: readonly GivenDevice[]): Problem[] => {
  const { name, match, bond, vlan, dhcp, addresses } = given;
  const problems: Problem[] = [];
  const kinds = Object.entries({ match, bond, vlan }).filter(([, value]) => value !== undefined);
  const [, second] = kinds;
  if (second !== undefined)
    problems.push({
      path: [...path, second[0]],
      at: 'key',
      message: `${kinds.map(([kind]) => kind).join(' and ')} exclude each other`,
    });
  if (kinds.length === 0 && all.length > 1)
    problems.push({
      path,
      message: 'the recipe does not say which card this is',
      hint: 'match: {mac: 52:54:00:12:34:56}, or match: {name: eno1}',
    });
  if ((bond ?? vlan) !== undefined && name === undefined)
    problems.push({
      path,
      message: `a ${bond ? 'bond' : 'VLAN'} needs a name`,
      hint: `name: ${bond ? 'bond0' : `vlan${vlan?.id}`}`,
    });
  const carries = all.some((other) => name !== undefined && other.given.vlan?.of === name);
  if (addresses.length === 0 && !dhcp && !carries)
    problems.push({ path, message: 'expected an address, or dhcp: true', hint: 'address: 192.0.2.10/24' });
  if (vlan !== undefined) problems.push(...checkParent(vlan.of, path, all));
  for (const [index, one] of [...(match ? [match] : []), ...(bond?.members ?? [])].entries())
    if ('mac' in one && (Number.parseInt(one.mac.slice(0, 2), 16) % 2 === 1 || /^[0:]+$/.test(one.mac)))
      problems.push({
        path: [...path, ...(bond ? ['bond', 'members', index] : ['match']), 'mac'],
        message: `${one.mac} cannot be the address of a card: it is for groups, or zero`,
      });
  return problems;
};

const checkParent = (of: string, path: Path, all: readonly GivenDevice[]): Problem[] => {
  const parent = all.find(({ given }) => given.name === of);
  if (parent === undefined)
    return [
      {
        path: [...path, 'vlan', 'of'],
        message: `no card or bond has the name ${of}`,
        hint: `Give it one: {name: ${of}, match: {mac: …}}.`,
      },
    ];
  return parent.given.vlan === undefined ? [] : [{ path: [...path, 'vlan', 'of'], message: `${of} is a VLAN itself` }];
};

const checkOwn = ({ addresses, at }: GivenDevice): Problem[] =>
  addresses.flatMap((address, index) =>
    addresses.slice(0, index).some((other) => isSame(address, other))
      ? [{ path: at('address', index), message: `${address.text.split('/')[0]} is there twice` }]
      : [],
  );

const checkAddress = (address: Cidr, path: Path): Problem[] => {
  const shown = address.text.split('/')[0];
  const what = notForHosts(address);
  if (address.prefix === 0)
    return [
      {
        path,
        message: 'a prefix of 0 is the whole Internet',
        hint: `Write \`${shown}/${address.version === 4 ? 24 : 64}\`.`,
      },
    ];
  if (what !== undefined) return [{ path, message: `${shown} is ${what}, no machine can have it` }];
  if (!hasEnds(address)) return [];
  const next = ipText({ ...address, value: networkOf(address) + 2n });
  if (address.value === networkOf(address))
    return [
      {
        path,
        message: `${shown} is the address of the network ${address.text} itself`,
        hint: `Write the machine's own, such as ${next}/${address.prefix}; or /${widthOf(address)} if it is a single address.`,
      },
    ];
  return address.version === 4 && address.value === lastOf(address)
    ? [
        {
          path,
          message: `${shown} is the broadcast address of ${ipText({ ...address, value: networkOf(address) })}/${address.prefix}`,
          hint: `Write the machine's own, such as ${next}/${address.prefix}; or /32 if it is a single address.`,
        },
      ]
    : [];
};

const checkGateways = (device: GivenDevice): Problem[] =>
  device.given.gateways.flatMap((text, index) => {
    const path = device.at('gateway', index);
    const gateway = ipOf(text);
    const first = device.given.gateways.findIndex((other) => ipOf(other).version === gateway.version);
    if (first < index)
      return [{ path, message: `a second gateway of IPv${gateway.version}`, hint: 'Others are routes.' }];
    return checkNextHop(gateway, text, device, path);
  });

/** A gateway, and the `via` of a route. */
const checkNextHop = (hop: Ip, text: string, { addresses, given }: GivenDevice, path: Path): Problem[] => {
  const what = notForHosts(hop);
  if (what !== undefined) return [{ path, message: `${text} is ${what}, no gateway has it` }];
  if (addresses.some((own) => isSame(own, hop))) return [{ path, message: `${text} is the machine's own address` }];
  const alike = addresses.filter((own) => own.version === hop.version);
  if (alike.length === 0)
    return given.dhcp || (hop.version === 6 && isLinkLocal(hop))
      ? []
      : [
          {
            path,
            message: `${text} is an IPv${hop.version} address, and the device has none of that kind`,
            hint: `Add one: address: [${[...given.addresses, '…'].join(', ')}].`,
          },
        ];
  const network = alike.find((own) => isIn(hop, own) && own.prefix < widthOf(own));
  if (network !== undefined && hasEnds(network)) {
    if (hop.value === networkOf(network))
      return [{ path, message: `${text} is the address of the network ${network.text} itself` }];
    if (hop.version === 4 && hop.value === lastOf(network))
      return [{ path, message: `${text} is the broadcast address of its network` }];
  }
  if (network !== undefined || hop.version === 6 || alike.some(({ prefix }) => prefix === 32) || given.dhcp) return [];
  return [
    {
      path,
      message: `${text} is outside of ${alike.map(({ text }) => text).join(' and ')}`,
      hint: `Check the prefix length. A gateway outside of the network, as some providers have it, needs ${alike[0]?.text.replace(/\/.*/, '')}/32.`,
    },
  ];
};

const checkRoutes = (device: GivenDevice): Problem[] =>
  device.given.routes.flatMap(({ to, via }, index) => {
    const at = (field: string): Path => [...device.path, 'routes', index, field];
    const network = cidrOf(to);
    const first = networkOf(network);
    if (network.prefix === 0)
      return [{ path: at('to'), message: 'the default route is the gateway', hint: `gateway: ${via ?? '…'}` }];
    if (network.value !== first)
      return [
        {
          path: at('to'),
          message: `${to} is not a network: it has bits after its prefix`,
          hint: `Write \`${ipText({ ...network, value: first })}/${network.prefix}\`, or /${widthOf(network)} for one machine.`,
        },
      ];
    if (device.addresses.some((own) => own.prefix === network.prefix && isIn(network, own)))
      return [{ path: at('to'), message: `${to} is the network of the device itself, which needs no route` }];
    if (via === undefined) return [];
    const hop = ipOf(via);
    return hop.version === network.version
      ? checkNextHop(hop, via, device, at('via'))
      : [{ path: at('via'), message: `${to} is of IPv${network.version}, ${via} is not` }];
  });

/** Name servers are asked by the device that has them, which needs an address of their kind. */
const checkReach = (server: string, { addresses, given }: GivenDevice, path: Path): Problem[] => {
  const { version } = ipOf(server);
  // Routers give addresses of IPv6 to a device that has any.
  const isReached = given.dhcp || addresses.some((own) => own.version === version || version === 6);
  if (isReached) return [];
  const none = addresses.length === 0;
  return [
    {
      path,
      message: `${server} is an IPv${version} address, and the device has ${none ? 'none at all' : 'none of that kind'}`,
      hint: none
        ? 'Name servers belong to a device with an address: to the VLAN, not to the card that carries it.'
        : 'Give it an address of that kind, or take the name server out.',
    },
  ];
};

const ETHERNET = 1500;

const checkMtu = ({ path, given, addresses }: GivenDevice, all: readonly GivenDevice[]): Problem[] => {
  const { mtu, vlan } = given;
  if (mtu === undefined) return [];
  const at = [...path, 'mtu'];
  if (mtu < 1280 && addresses.some(({ version }) => version === 6))
    return [{ path: at, message: 'IPv6 needs 1280 at least' }];
  const parent = all.find((other) => vlan !== undefined && other.given.name === vlan.of);
  const carried = parent?.given.mtu ?? ETHERNET;
  return parent !== undefined && mtu > carried
    ? [{ path: at, message: `${parent.given.name} carries ${carried} bytes only`, hint: `Set its mtu: ${mtu}.` }]
    : [];
};
