/** Holds what was found and seen against a policy. What was not looked at is not judged, and never taken for what holds. */
import { type Judged, type Judgement, verdictOf } from '../judgement.ts';
import { CATALOGUE } from './catalogue/catalogue.ts';
import type { InstalledEntry } from './installed.ts';
import { matches, type NamedFlow, namesOf } from './name-flows.ts';
import type { Seen } from './observe/look.ts';
import { type Allowance, allowanceOf, type EgressPolicy } from './policy.ts';
import { OWN_NAME_SERVERS } from './sink-addresses.ts';

export interface Looked {
  readonly installed: readonly InstalledEntry[];
  /** Undefined: it was not started. */
  readonly seen: (Omit<Seen, 'flows'> & { readonly flows: readonly NamedFlow[] }) | undefined;
}

/** As much of what was seen as a verdict takes. */
export type SeenFlows = Pick<Seen, 'frames' | 'lost' | 'isUp'> & { readonly flows: readonly NamedFlow[] };

export const judgeEgress = ({ installed, seen }: Looked, policy: EgressPolicy): Judgement => {
  const found = [
    ...(policy.telemetry ? telemetryFound(installed, policy.telemetry) : []),
    ...(policy.egress ? seenFound(seen, policy.egress.allow) : []),
  ];
  const verdicts = found.map(({ verdict }) => verdict);
  return {
    check: 'egress',
    // Nothing to tell is what is wanted, but nothing that is asked is no judgement.
    verdict:
      policy.egress === undefined && policy.telemetry === undefined ? 'unjudged' : verdictOf([...verdicts, 'holds']),
    facts: [
      `${installed.length} entries of the catalogue are installed, ${installed.filter(({ state }) => state === 'on').length} switched on`,
      seen === undefined
        ? 'it was not started'
        : `${seen.flows.length} flows in ${Math.round(seen.length / 1000)} s on a network that ${seen.mode === 'sink' ? 'takes' : 'refuses'} everything`,
    ],
    found,
  };
};

/** What is switched on and may not be. */
export const telemetryFound = (
  installed: readonly InstalledEntry[],
  { forbid = [], allow = [], unverified = 'warn' }: NonNullable<EgressPolicy['telemetry']>,
): Judged[] => {
  return installed
    .filter(
      ({ state, id, class: kind }) =>
        state === 'on' &&
        (forbid.includes(id) || forbid.includes(kind)) &&
        !(allow.includes(id) || allow.includes(kind)),
    )
    .filter(({ isVerified }) => isVerified || unverified === 'warn')
    .map((entry) => ({
      rule: entry.isVerified ? 'egress/switched-on' : 'egress/unverified',
      verdict: entry.isVerified ? ('fails' as const) : ('holds' as const),
      message: `${entry.title} (${entry.class}) is switched on: ${entry.because.join('; ')}${entry.isVerified ? '' : '; no source tells it, so it is only told'}`,
      where: entry.id,
      hint: hintFor(entry),
    }));
};

const hintFor = ({ id, canBeSwitchedOff, advice }: InstalledEntry): string | undefined =>
  canBeSwitchedOff ? `\`telemetry: {off: [${id}]}\` in the recipe switches it off.` : advice;

/** What was seen to leave, and may not. */
export const seenFound = (seen: SeenFlows | undefined, words: readonly string[]): Judged[] => {
  if (seen === undefined)
    return [
      unjudged(
        'egress/not-observed',
        'what it sends was not looked at',
        'Add `--observe`: the image is started on a network that lets nothing out.',
      ),
    ];
  const allowances = words.map(allowanceOf);
  const outside = seen.flows.filter((flow) => !isAllowed(flow, allowances));
  return [
    ...outside.map(outsideFlow),
    ...(seen.isUp
      ? []
      : [
          unjudged(
            'egress/not-up',
            'the image did not come up in time, so that not all was seen',
            'Its serial.log shows how far it came.',
          ),
        ]),
    ...(seen.frames.link + seen.flows.length > 0
      ? []
      : [
          unjudged(
            'egress/no-network',
            'not one frame came from its network card',
            'Has the image a driver for virtio_net, and does it bring its card up?',
          ),
        ]),
    ...(seen.lost > 0 ? [unjudged('egress/lost', `${seen.lost} flows found no room in the table`, undefined)] : []),
  ];
};

const unjudged = (rule: string, message: string, hint: string | undefined): Judged => ({
  rule,
  verdict: 'unjudged',
  message,
  hint,
});

const outsideFlow = (flow: NamedFlow): Judged => {
  const { protocol, port, entry, phase, bytes } = flow;
  const to = [namesOf(flow)[0] ?? flow.address, ...(port === undefined ? [] : [port])].join(':');
  const known = CATALOGUE.find(({ id }) => id === entry);
  return {
    rule: 'egress/flow',
    verdict: 'fails',
    message: `${protocol} to ${to}, ${bytes} bytes, ${known === undefined ? 'unknown' : `by ${known.id}`}`,
    where: phase,
    hint:
      known !== undefined && known.off.length > 0
        ? `\`telemetry: {off: [${known.id}]}\` in the recipe switches it off; \`egress: {allow: ["${to}"]}\` allows it.`
        : `\`egress: {allow: ["${to}"]}\` allows it.`,
  };
};

/** Who may talk to a host may ask for its name. */
const isAllowed = (flow: NamedFlow, allowances: readonly Allowance[]): boolean =>
  allowances.some((one) => {
    if (one.protocol !== undefined)
      return flow.protocol === one.protocol && (one.protocol !== 'dns' || OWN_NAME_SERVERS.includes(flow.address));
    const names = [...namesOf(flow), flow.address];
    if (flow.protocol === 'dns') return OWN_NAME_SERVERS.includes(flow.address) && hostFits(one, namesOf(flow));
    const transport =
      flow.protocol === 'tcp' ? 'tcp' : flow.protocol === 'icmp' || flow.protocol === 'other' ? '' : 'udp';
    return (
      everyNameFits(one, flow, names) &&
      (one.port === undefined || one.port === flow.port) &&
      (one.transport === undefined || one.transport === transport)
    );
  });

const hostFits = ({ host = '' }: Allowance, names: readonly string[]): boolean =>
  names.some((name) => matches(host, name));

/** A flow that says another name inside (SNI, Host) than the one that it was sent to is for that other one. */
const everyNameFits = (one: Allowance, flow: NamedFlow, names: readonly string[]): boolean => {
  const said = namesOf({ ...flow, name: undefined });
  return hostFits(one, names) && said.every((name) => matches(one.host ?? '', name));
};
