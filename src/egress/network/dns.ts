/** DNS (RFC 1035): what a guest asks, and an answer that gives each name an address of its own. */
import { type Answer, decode, encode, type Packet } from 'dns-packet';

export interface DnsQuestion {
  readonly name: string;
  readonly type: string;
}

export interface DnsQuery {
  readonly questions: readonly DnsQuestion[];
  readonly packet: Packet;
}

/** Undefined for what is no query, or cannot be read: the library throws at what is malformed. */
export const parseQuery = (data: Buffer): DnsQuery | undefined => {
  try {
    const packet = decode(data);
    if (packet.type !== 'query') return undefined;
    const questions = (packet.questions ?? []).map(({ name, type }) => ({
      name: name.toLowerCase(),
      type: String(type),
    }));
    return { questions, packet };
  } catch {
    return undefined;
  }
};

export interface Resolver {
  /** Undefined: there is no such name. An empty list: it has no record of this kind. */
  readonly answer: (question: DnsQuestion) => readonly string[] | undefined;
}

const NO_SUCH_NAME = 3;
const RECURSION_AVAILABLE = 128;
const AUTHORITATIVE_ANSWER = 1024;
const RECURSION_DESIRED = 256;
const SECONDS = 60;
/** What a server takes in one datagram, for those that ask by EDNS (RFC 6891). */
const DATAGRAM = 1232;

/** Undefined when the library cannot write the answer to what it has read. */
export const dnsReply = ({ packet, questions }: DnsQuery, { answer }: Resolver): Buffer | undefined => {
  const found = questions.map((question) => ({ question, addresses: answer(question) }));
  const isUnknown = found.some(({ addresses }) => addresses === undefined);
  const answers = found.flatMap(({ question: { name, type }, addresses = [] }) =>
    addresses.map((data): Answer => ({ name, type: type === 'AAAA' ? 'AAAA' : 'A', ttl: SECONDS, data })),
  );
  const asksByEdns = packet.additionals?.some(({ type }) => type === 'OPT') ?? false;
  const desired = (packet.flags ?? 0) & RECURSION_DESIRED;
  try {
    return encode({
      type: 'response',
      id: packet.id ?? 0,
      flags: RECURSION_AVAILABLE | AUTHORITATIVE_ANSWER | desired | (isUnknown ? NO_SUCH_NAME : 0),
      questions: packet.questions ?? [],
      answers,
      additionals: asksByEdns
        ? [
            {
              type: 'OPT',
              name: '.',
              udpPayloadSize: DATAGRAM,
              extendedRcode: 0,
              ednsVersion: 0,
              flags: 0,
              flag_do: false,
              options: [],
            },
          ]
        : [],
    });
  } catch {
    return undefined;
  }
};
