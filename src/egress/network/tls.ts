/** The first message of a TLS client (RFC 8446, 4.1.2): the name of the server (RFC 6066, 3) and the protocols above it (RFC 7301). */

export interface ClientHello {
  readonly serverName: string | undefined;
  readonly protocols: readonly string[];
}

const RECORD_HEADER = 5;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const EXTENSIONS = { serverName: 0, protocols: 16 } as const;

/** Whether what has come so far may be the beginning of one. */
export const looksLikeTls = (data: Buffer): boolean =>
  data.length >= 2 && data[0] === HANDSHAKE && data[1] === 3 && (data.length < 6 || data[5] === CLIENT_HELLO);

/** The message may be spread over several records; undefined while it is not whole. */
const messageOf = (data: Buffer): Buffer | undefined => {
  const pieces: Buffer[] = [];
  let have = 0;
  for (let at = 0; at + RECORD_HEADER <= data.length && data[at] === HANDSHAKE; ) {
    const length = data.readUInt16BE(at + 3);
    const piece = data.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length);
    pieces.push(piece);
    have += piece.length;
    at += RECORD_HEADER + length;
    if (length === 0) break;
  }
  const message = Buffer.concat(pieces);
  if (have < 4) return undefined;
  const length = message.readUIntBE(1, 3);
  return message.length >= 4 + length ? message.subarray(4, 4 + length) : undefined;
};

export const isWholeHello = (data: Buffer): boolean => messageOf(data) !== undefined;

/** What is after a field of one or two bytes that says its length, cut where the message ends. */
const field = (bytes: Buffer, at: number, width: 1 | 2): Buffer | undefined => {
  if (at + width > bytes.length) return undefined;
  const length = bytes.readUIntBE(at, width);
  return at + width + length > bytes.length ? undefined : bytes.subarray(at + width, at + width + length);
};

/** Undefined when it is not one, or not whole. */
export const parseClientHello = (data: Buffer): ClientHello | undefined => {
  if (!looksLikeTls(data)) return undefined;
  const hello = messageOf(data);
  if (hello === undefined) return undefined;
  // Version and random are 34 bytes; then the session, the ciphers, the compressions.
  let at = 34;
  for (const width of [1, 2, 1] as const) {
    const skipped = field(hello, at, width);
    if (skipped === undefined) return undefined;
    at += width + skipped.length;
  }
  const extensions = field(hello, at, 2) ?? Buffer.alloc(0);
  let serverName: string | undefined;
  let protocols: readonly string[] = [];
  for (let place = 0; place + 4 <= extensions.length; ) {
    const type = extensions.readUInt16BE(place);
    const content = field(extensions, place + 2, 2);
    if (content === undefined) break;
    if (type === EXTENSIONS.serverName) serverName = nameIn(content);
    if (type === EXTENSIONS.protocols) protocols = protocolsIn(content);
    place += 4 + content.length;
  }
  return { serverName, protocols };
};

/** A list of names, each with its kind; 0 is a host's. */
const nameIn = (content: Buffer): string | undefined => {
  const list = field(content, 0, 2);
  if (list === undefined || list[0] !== 0) return undefined;
  return field(list, 1, 2)?.toString('latin1');
};

const protocolsIn = (content: Buffer): string[] => {
  const list = field(content, 0, 2) ?? Buffer.alloc(0);
  const names: string[] = [];
  for (let at = 0; at < list.length; ) {
    const name = field(list, at, 1);
    if (name === undefined) break;
    names.push(name.toString('latin1'));
    at += 1 + name.length;
  }
  return names;
};
