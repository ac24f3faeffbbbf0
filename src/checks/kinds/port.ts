/** Ports: what listens, on which addresses, and what else does. */
import type { PortCheck } from '../../recipe/schema/test-checks-schema.ts';
import type { Facts, Listener } from '../facts.ts';
import { isAny, isLoopback } from '../parse-listeners.ts';
import { fails, holds, type Outcome, type Planned } from '../planned.ts';

export const portChecks = (check: PortCheck): Planned[] => [
  {
    rule: 'tests/port',
    name: `port ${check.listen}${check.listening ? '' : ' is closed'}`,
    inside: (facts) => judge(check, facts),
  },
];

const judge = ({ listen, listening, addresses = [] }: PortCheck, { listeners }: Facts): Outcome => {
  const there = listeners.filter((one) => nameOf(one) === listen);
  const told = there.map(toldOf).join(', ');
  if (!listening) {
    if (there.length === 0) return holds(`nothing listens on ${listen}`);
    return fails(`${listen} is open: ${told}`, { wanted: 'closed', found: told, where: listen });
  }
  if (there.length === 0)
    return fails(`nothing listens on ${listen}`, { wanted: 'open', found: 'closed', where: listen });
  const missing = addresses.filter((wanted) => !there.some(({ address }) => fits(wanted, address)));
  if (missing.length === 0) return holds(`${listen} is open: ${told}`);
  return fails(`${listen} is open on ${told}, not on ${missing.join(', ')}`, {
    wanted: addresses.join(', '),
    found: told,
    where: listen,
  });
};

const fits = (wanted: string, address: string): boolean => {
  if (wanted === 'any') return isAny(address);
  if (wanted === 'loopback') return isLoopback(address);
  return address === wanted.toLowerCase();
};

export const onlyPortsChecks = (ports: readonly string[]): Planned[] => [
  {
    rule: 'tests/only-ports',
    name: ports.length === 0 ? 'no port is open' : `only ports ${ports.join(', ')}`,
    inside: ({ listeners }) => judgeOnly(ports, listeners),
  },
];

const judgeOnly = (ports: readonly string[], listeners: readonly Listener[]): Outcome => {
  const open = listeners.filter((one) => !isLoopback(one.address) && !isDhcpClient(one));
  const others = open.filter((one) => !ports.includes(nameOf(one)));
  const found = [...new Set(others.map(toldOf))];
  if (found.length === 0)
    return holds(open.length === 0 ? 'nothing listens' : [...new Set(open.map(nameOf))].join(', '));
  return fails(`other ports are open: ${found.join(', ')}`, {
    wanted: ports.length === 0 ? 'none' : ports.join(', '),
    found: found.join(', '),
    where: others.map(nameOf)[0],
    hint: 'Switch off what listens there, or name the port.',
  });
};

/** It waits for answers of a server that it has asked: bootpc and dhcpv6-client. */
const isDhcpClient = ({ protocol, port }: Listener): boolean => protocol === 'udp' && (port === 68 || port === 546);

const nameOf = ({ protocol, port }: Listener): string => `${protocol}/${port}`;
const toldOf = (one: Listener): string =>
  `${nameOf(one)} on ${one.address}${one.process === '' ? '' : ` (${one.process})`}`;
