/** Which entry of the catalogue a flow belongs to, by where it goes and what it says. */
import { SocketAddress } from 'node:net';
import { CATALOGUE } from './catalogue/catalogue.ts';
import type { Endpoint, Entry } from './catalogue/entry.ts';
import type { Flow } from './flow.ts';
import type { InstalledEntry } from './installed.ts';

export interface NamedFlow extends Flow {
  /** Undefined: the catalogue knows nothing of it. */
  readonly entry: string | undefined;
  /** Of a question for the name of an address: the name by which the guest knows the address. */
  readonly about?: string | undefined;
}

export interface Known {
  readonly installed: readonly InstalledEntry[];
  /** Names of the hosts that the image has packages from. */
  readonly mirrors: readonly string[];
}

/** Of several that fit, what is switched on comes before what is installed, and that before what is not there. */
export const nameFlows = (flows: readonly Flow[], known: Known): NamedFlow[] => {
  // A question goes to a name server, whatever it asks for.
  const named = new Map(
    flows.flatMap(({ protocol, address, name }) =>
      name === undefined || protocol === 'dns' ? [] : [[address, name] as const],
    ),
  );
  return flows.map((flow) => {
    const about = flow.protocol === 'dns' ? named.get(reversedIn(flow.name ?? '') ?? '') : undefined;
    const meant = about === undefined ? flow : { ...flow, name: about };
    const fitting = CATALOGUE.filter(({ endpoints }) => endpoints.some((one) => fits(one, meant, known.mirrors)));
    const rank = (entry: Entry): number => {
      const there = known.installed.find(({ id }) => id === entry.id);
      const isItsTimer = entry.units.some((unit) => flow.phase === `timer ${unit}`);
      return (isItsTimer ? 4 : 0) + (there?.state === 'on' ? 2 : there ? 1 : 0);
    };
    const [best] = fitting.toSorted((one, other) => rank(other) - rank(one));
    return { ...flow, entry: best?.id, ...(about === undefined ? {} : { about }) };
  });
};

/** The address in the name of a reverse question (RFC 1035, 3.5; RFC 3596, 2.5), as `node:net` writes it. */
const reversedIn = (name: string): string | undefined => {
  const [, four] = /^((?:\d{1,3}\.){3}\d{1,3})\.in-addr\.arpa\.?$/i.exec(name) ?? [];
  if (four !== undefined) return four.split('.').toReversed().join('.');
  const [, six] = /^((?:[0-9a-f]\.){32})ip6\.arpa\.?$/i.exec(name) ?? [];
  const digits = six?.replaceAll('.', '').split('').toReversed().join('').match(/.{4}/g)?.join(':');
  return digits === undefined ? undefined : new SocketAddress({ address: digits, family: 'ipv6' }).address;
};

const fits = (endpoint: Endpoint, flow: Flow, mirrors: readonly string[]): boolean => {
  const isQuestion = flow.protocol === 'dns' && flow.name !== undefined;
  const names = namesOf(flow);
  const checks: readonly (boolean | undefined)[] = [
    endpoint.host === undefined ? undefined : names.some((name) => matches(endpoint.host ?? '', name)),
    endpoint.mirror === undefined ? undefined : names.some((name) => mirrors.includes(name)),
    endpoint.address === undefined ? undefined : flow.address === endpoint.address,
    endpoint.port === undefined || isQuestion ? undefined : flow.port === endpoint.port,
    endpoint.protocol === undefined || isQuestion ? undefined : flow.protocol === endpoint.protocol,
    endpoint.userAgent === undefined || isQuestion
      ? undefined
      : agents(flow).some((one) => one.startsWith(endpoint.userAgent ?? '')),
  ];
  const asked = checks.filter((check) => check !== undefined);
  return asked.length > 0 && asked.every((check) => check);
};

/** By DNS, and as it is called in the flow itself; of a question for a service (`_http._tcp.mirror.example`) the host's too. */
export const namesOf = ({ name, said }: Flow): string[] => {
  const heard = said.flatMap((one) => (one.kind === 'tls' ? [one.name] : one.kind === 'http' ? [one.host] : []));
  const host = name?.replace(/^(?:_[^.]+\.)+/, '');
  return [...new Set([name, host, ...heard])].flatMap((one) =>
    one === undefined ? [] : [one.toLowerCase().replace(/:\d+$/, '')],
  );
};

const agents = ({ said }: Flow): string[] =>
  said.flatMap((one) => (one.kind === 'http' && one.userAgent !== undefined ? [one.userAgent] : []));

/** `*` stands for any part of a name. */
export const matches = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .toLowerCase()
      .split('*')
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  ).test(name);

/** The hosts of `deb http://mirror.example/debian …`. */
export const mirrorsOf = (uris: readonly string[]): string[] => [
  ...new Set(uris.flatMap((uri) => (URL.canParse(uri) ? [new URL(uri).hostname] : []).filter((host) => host !== ''))),
];
