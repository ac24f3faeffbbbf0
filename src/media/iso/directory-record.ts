/**
 * One directory record of ISO 9660 (ECMA-119, 9.1) with what Rock Ridge says in its system use area (SUSP 1.12,
 * RRIP 1.12): the name, POSIX attributes and times.
 */

export interface DirectoryRecord {
  /** Of Rock Ridge where it has one; `.` and `..` for the first two records of a directory. */
  readonly name: string;
  readonly lba: number;
  readonly size: number;
  readonly isDirectory: boolean;
  /** A further extent of the same file follows. */
  readonly continues: boolean;
  /** Mode, owner and times as they stand in the record; to be compared, not interpreted. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Both byte orders of the extent and of the size say the same. */
  readonly isConsistent: boolean;
  /** Why Rock Ridge's data about it cannot be read to the end. */
  readonly problem: string | undefined;
  /** Block of the directory that was moved here because it lay too deep (RRIP `CL`). */
  readonly moved: number | undefined;
}

/** Where a system use area goes on: block, offset and length. */
type Continuation = readonly [number, number, number];
export type ReadArea = (block: number, offset: number, length: number) => Promise<Buffer>;

export const parseRecord = async (record: Buffer, readArea: ReadArea): Promise<DirectoryRecord> => {
  const nameLength = record[32] ?? 0;
  const raw = record.subarray(33, 33 + nameLength);
  const systemUse = record.subarray(33 + nameLength + (nameLength % 2 === 0 ? 1 : 0));
  const { fields, problem } = await fieldsOf(systemUse, readArea);
  const flags = record[25] ?? 0;
  return {
    name: nameOf(raw, fields),
    lba: record.readUInt32LE(2),
    size: record.readUInt32LE(10),
    isDirectory: (flags & 2) !== 0,
    continues: (flags & 0x80) !== 0,
    attributes: attributesOf(record, fields),
    isConsistent:
      record.readUInt32LE(2) === record.readUInt32BE(6) && record.readUInt32LE(10) === record.readUInt32BE(14),
    problem,
    moved: fields.find(({ kind, data }) => kind === 'CL' && data.length >= 4)?.data.readUInt32LE(0),
  };
};

interface Field {
  readonly kind: string;
  readonly data: Buffer;
}

/** A chain of continuation areas is followed this far: real ones have one or two. */
const LONGEST_CHAIN = 32;
const LARGEST_AREA = 64 * 1024;

const fieldsOf = async (
  first: Buffer,
  readArea: ReadArea,
): Promise<{ fields: Field[]; problem: string | undefined }> => {
  const fields: Field[] = [];
  let area = first;
  for (let links = 0; links < LONGEST_CHAIN; links++) {
    const next = collect(area, fields);
    if (next === undefined) return { fields, problem: undefined };
    const [block, offset, length] = next;
    if (length > LARGEST_AREA)
      return { fields, problem: `goes on with ${length} bytes of Rock Ridge at block ${block}` };
    area = await readArea(block, offset, length);
    if (area.length < length) return { fields, problem: `goes on at block ${block}, past the end of the file` };
  }
  return { fields, problem: 'goes on for ever: its continuation areas lead in a circle' };
};

/** Adds the fields of one area; returns where they go on. */
const collect = (area: Buffer, fields: Field[]): Continuation | undefined => {
  let next: Continuation | undefined;
  for (let at = 0; at + 4 <= area.length; ) {
    const length = area[at + 2] ?? 0;
    if (length < 4 || at + length > area.length) break;
    const kind = area.toString('latin1', at, at + 2);
    const data: Buffer = area.subarray(at + 4, at + length);
    if (kind === 'CE' && data.length >= 24) next = [data.readUInt32LE(0), data.readUInt32LE(8), data.readUInt32LE(16)];
    else fields.push({ kind, data });
    at += length;
  }
  return next;
};

const nameOf = (raw: Buffer, fields: readonly Field[]): string => {
  if (raw.length === 1 && raw[0] === 0) return '.';
  if (raw.length === 1 && raw[0] === 1) return '..';
  const parts = fields.flatMap(({ kind, data }) => (kind === 'NM' ? [data.subarray(1)] : []));
  if (parts.length > 0) return Buffer.concat(parts).toString('utf8');
  // Without Rock Ridge: as Linux and xorriso show it.
  return raw.toString('latin1').replace(/\.?;\d+$/, '');
};

const attributesOf = (record: Buffer, fields: readonly Field[]): Record<string, string> => {
  const attributes: Record<string, string> = { date: record.toString('hex', 18, 25) };
  for (const { kind, data } of fields) {
    if (kind === 'PX' && data.length >= 32) {
      attributes['mode'] = data.readUInt32LE(0).toString(8);
      attributes['owner'] = `${data.readUInt32LE(16)}:${data.readUInt32LE(24)}`;
    } else if (kind === 'TF') attributes['times'] = data.toString('hex');
    else if (kind === 'SL') attributes['link'] = `${attributes['link'] ?? ''}${data.toString('latin1', 1)}`;
    else if (kind === 'PN') attributes['device'] = data.toString('hex');
  }
  return attributes;
};
