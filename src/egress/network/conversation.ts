/**
 * The far end of every TCP connection of a guest: it takes the connection, hears the first thing that is said, and ends it. Only so much
 * of TCP (RFC 9293) as that needs: one window, nothing sent again by itself, what comes out of order is asked for again.
 */
import type { Ends } from './checksum.ts';
import { isWholeHttp, looksLikeHttp, parseHttp, UNAVAILABLE } from './http.ts';
import { after, FLAGS, type Segment } from './tcp.ts';
import { isWholeHello, looksLikeTls, parseClientHello } from './tls.ts';

/** What a client said first. */
export type Heard =
  | { readonly kind: 'tls'; readonly name: string | undefined; readonly protocols: readonly string[] }
  | {
      readonly kind: 'http';
      readonly method: string;
      readonly target: string;
      readonly host: string | undefined;
      readonly userAgent: string | undefined;
    }
  | { readonly kind: 'other' };

export type TcpEvent =
  | { readonly kind: 'opened' }
  | { readonly kind: 'bytes'; readonly count: number }
  | { readonly kind: 'heard'; readonly heard: Heard };

export interface TcpAnswer {
  readonly replies: readonly Segment[];
  readonly events: readonly TcpEvent[];
}

export interface Conversations {
  /** `refuse`: no connection is taken. */
  readonly take: (ends: Ends, segment: Segment, refuse: boolean) => TcpAnswer;
}

interface Conversation {
  readonly first: number;
  /** The next byte that is wanted, and the next one that is sent. */
  wanted: number;
  next: number;
  data: Buffer;
  hasHeard: boolean;
  hasEnded: boolean;
}

/** A hello with many extensions is 2 KiB; what is longer is judged by what is there. */
const MOST_DATA = 16_384;
const MOST_CONVERSATIONS = 1024;
const FIRST_SEQUENCE = 0x1000;
const SEQUENCE_STEP = 0x10_0000;
const NOTHING = Buffer.alloc(0);

export const createConversations = (): Conversations => {
  const open = new Map<string, Conversation>();
  let made = 0;

  const begin = (key: string, { sequence }: Segment): Conversation => {
    const [oldest] = open.keys();
    if (open.size >= MOST_CONVERSATIONS && oldest !== undefined) open.delete(oldest);
    made += 1;
    const next = after(FIRST_SEQUENCE, made * SEQUENCE_STEP);
    const one = { first: sequence, wanted: after(sequence, 1), next, data: NOTHING, hasHeard: false, hasEnded: false };
    open.set(key, one);
    return one;
  };

  return {
    take(ends, segment, refuse) {
      const key = `${ends.source} ${segment.sourcePort} ${ends.destination} ${segment.port}`;
      const known = open.get(key);
      if (segment.flags & FLAGS.rst) {
        open.delete(key);
        return { replies: [], events: [] };
      }
      if (segment.flags & FLAGS.syn) {
        if (refuse) return { replies: [refusal(segment)], events: [{ kind: 'opened' }] };
        const isAgain = known?.first === segment.sequence && !known.hasHeard;
        const one = isAgain ? known : begin(key, segment);
        if (!isAgain) one.next = after(one.next, 1);
        const welcome = reply(segment, one, FLAGS.syn | FLAGS.ack, NOTHING, after(one.next, -1));
        return { replies: [welcome], events: isAgain ? [] : [{ kind: 'opened' }] };
      }
      if (known === undefined) return { replies: segment.flags & FLAGS.ack ? [stray(segment)] : [], events: [] };
      const answer = hear(known, segment);
      if (answer.isOver) open.delete(key);
      return answer;
    },
  };
};

const hear = (one: Conversation, segment: Segment): TcpAnswer & { readonly isOver: boolean } => {
  const isFin = (segment.flags & FLAGS.fin) !== 0;
  if (segment.data.length === 0 && !isFin) return { replies: [], events: [], isOver: one.hasEnded };
  if (segment.sequence !== one.wanted) return { replies: [reply(segment, one, FLAGS.ack)], events: [], isOver: false };
  one.wanted = after(one.wanted, segment.data.length + (isFin ? 1 : 0));
  const events: TcpEvent[] = segment.data.length > 0 ? [{ kind: 'bytes', count: segment.data.length }] : [];
  if (one.hasHeard) return { replies: [reply(segment, one, FLAGS.ack)], events, isOver: isFin };
  one.data = Buffer.concat([one.data, segment.data]);
  const heard = one.data.length === 0 ? undefined : whatIsSaid(one.data, isFin || one.data.length >= MOST_DATA);
  if (heard !== undefined) {
    one.hasHeard = true;
    events.push({ kind: 'heard', heard });
  }
  if (heard?.kind === 'http') {
    one.hasEnded = true;
    const farewell = reply(segment, one, FLAGS.psh | FLAGS.fin | FLAGS.ack, UNAVAILABLE);
    one.next = after(one.next, UNAVAILABLE.length + 1);
    return { replies: [farewell], events, isOver: isFin };
  }
  if (heard !== undefined) return { replies: [reply(segment, one, FLAGS.rst | FLAGS.ack)], events, isOver: true };
  return { replies: [reply(segment, one, isFin ? FLAGS.fin | FLAGS.ack : FLAGS.ack)], events, isOver: isFin };
};

/** Undefined while more has to come before it can be told. */
const whatIsSaid = (data: Buffer, isAll: boolean): Heard | undefined => {
  if (looksLikeTls(data)) {
    if (!isAll && !isWholeHello(data)) return undefined;
    const hello = parseClientHello(data);
    return { kind: 'tls', name: hello?.serverName, protocols: hello?.protocols ?? [] };
  }
  if (!looksLikeHttp(data)) return { kind: 'other' };
  if (!isAll && !isWholeHttp(data)) return undefined;
  const request = parseHttp(data);
  return request === undefined ? { kind: 'other' } : { kind: 'http', ...request };
};

const reply = (
  { sourcePort, port }: Segment,
  { wanted, next }: Conversation,
  flags: number,
  data: Buffer = NOTHING,
  sequence = next,
): Segment => ({ sourcePort: port, port: sourcePort, sequence, acknowledged: wanted, flags, data });

const refusal = ({ sourcePort, port, sequence }: Segment): Segment => ({
  sourcePort: port,
  port: sourcePort,
  sequence: 0,
  acknowledged: after(sequence, 1),
  flags: FLAGS.rst | FLAGS.ack,
  data: NOTHING,
});

/** Of a connection that is not known, or not any more. */
const stray = ({ sourcePort, port, acknowledged }: Segment): Segment => ({
  sourcePort: port,
  port: sourcePort,
  sequence: acknowledged,
  acknowledged: 0,
  flags: FLAGS.rst,
  data: NOTHING,
});
