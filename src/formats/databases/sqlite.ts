/**
 * Tables of an SQLite database, read and nothing else (sqlite.org/fileformat2.html): b-trees of tables, overflow pages, and what a
 * write-ahead log has that the file has not. Foreign databases may hold views and triggers that run for ever; here nothing runs.
 */
import { damaged, pagesOfLog } from './sqlite-log.ts';

type SqliteValue = null | number | bigint | string | Buffer;

interface SqliteRow {
  readonly rowid: number;
  /** A primary key that is the row's id is null here. */
  readonly values: readonly SqliteValue[];
}

export interface Sqlite {
  /** Undefined when there is no such table. Its rows in the order of their ids; throws `inspect.sqlite-damaged` on the way. */
  readonly rows: (table: string) => Iterable<SqliteRow> | undefined;
}

const MAGIC = 'SQLite format 3\0';
const LEAF = 0x0d;
const INTERIOR = 0x05;
const UTF8 = 1;

/** `wal`: the file beside it that ends in `-wal`, where there is one. Throws `inspect.sqlite-damaged`. */
export const openSqlite = (file: Buffer, wal?: Buffer): Sqlite => {
  if (file.toString('latin1', 0, 16) !== MAGIC) throw damaged('it does not begin as an SQLite database does');
  const stated = file.readUInt16BE(16);
  const pageSize = stated === 1 ? 65_536 : stated;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) throw damaged(`its pages have ${pageSize} bytes`);
  const newer = wal === undefined ? new Map<number, Buffer>() : pagesOfLog(wal, pageSize);
  const page = (number: number): Buffer => {
    const found = newer.get(number) ?? file.subarray((number - 1) * pageSize, number * pageSize);
    if (number < 1 || found.length !== pageSize) throw damaged(`there is no page ${number}`);
    return found;
  };
  const first = page(1);
  // A database whose text is no UTF-8 is none of rpm's.
  if (first.readUInt32BE(56) > UTF8) throw damaged('its text is not in UTF-8');
  const usable = pageSize - first.readUInt8(20);
  const rows = (root: number) => walk({ page, usable }, root);
  return {
    rows: (table) => {
      for (const { values } of rows(1)) {
        const [type, name, , root] = values;
        if (type === 'table' && name === table && typeof root === 'number') return rows(root);
      }
      return undefined;
    },
  };
};

interface Pages {
  readonly page: (number: number) => Buffer;
  /** Bytes of a page that hold anything. */
  readonly usable: number;
}

function* walk(pages: Pages, root: number): Generator<SqliteRow> {
  const seen = new Set<number>();
  const open = [root];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    if (seen.has(number)) throw damaged(`page ${number} is in its tree twice`);
    seen.add(number);
    const page = pages.page(number);
    const start = number === 1 ? 100 : 0;
    const [type, cells] = [page.readUInt8(start), page.readUInt16BE(start + 3)];
    if (type !== LEAF && type !== INTERIOR) throw damaged(`page ${number} is no part of a table`);
    const header = start + (type === LEAF ? 8 : 12);
    const at = Array.from({ length: cells }, (_, nth) => within(page, header + 2 * nth, 2).readUInt16BE(0));
    if (type === LEAF) for (const cell of at) yield readCell(pages, page, cell);
    else {
      const children = at.map((cell) => within(page, cell, 4).readUInt32BE(0));
      // The last one first: the stack gives them back in their order.
      open.push(page.readUInt32BE(start + 8), ...children.reverse());
    }
  }
}

const within = (bytes: Buffer, at: number, length: number): Buffer => {
  if (at < 0 || at + length > bytes.length) throw damaged('something lies beyond its page');
  return bytes.subarray(at, at + length);
};

const readCell = (pages: Pages, page: Buffer, at: number): SqliteRow => {
  const size = varint(page, at);
  const rowid = varint(page, size.end);
  return { rowid: rowid.value, values: recordOf(payload(pages, page, rowid.end, size.value)) };
};

/** What does not fit into its page goes on in a chain of others. */
const payload = ({ page: pageOf, usable }: Pages, page: Buffer, at: number, size: number): Buffer => {
  if (size <= usable - 35) return within(page, at, size);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const wanted = least + ((size - least) % (usable - 4));
  const local = wanted <= usable - 35 ? wanted : least;
  const parts = [within(page, at, local)];
  let next = within(page, at + local, 4).readUInt32BE(0);
  for (let left = size - local; left > 0; ) {
    const more = pageOf(next);
    const part = more.subarray(4, 4 + Math.min(left, usable - 4));
    parts.push(part);
    left -= part.length;
    next = more.readUInt32BE(0);
  }
  return Buffer.concat(parts);
};

const recordOf = (record: Buffer): SqliteValue[] => {
  const header = varint(record, 0);
  const values: SqliteValue[] = [];
  let body = header.value;
  for (let at = header.end; at < header.value; ) {
    const { value: type, end } = varint(record, at);
    at = end;
    const length = type >= 12 ? (type - (type % 2 === 0 ? 12 : 13)) / 2 : (LENGTHS[type] ?? 0);
    values.push(valueIn(type, within(record, body, length)));
    body += length;
  }
  return values;
};

/** Bytes of the types below 12. */
const LENGTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

const valueIn = (type: number, bytes: Buffer): SqliteValue => {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 7) return bytes.readDoubleBE(0);
  if (type === 6) return bytes.readBigInt64BE(0);
  if (type < 7) return bytes.readIntBE(0, bytes.length);
  return type % 2 === 0 ? bytes : bytes.toString('utf8');
};

/** Seven bits a byte, the highest first; what is larger than a number can hold is in none of rpm's databases. */
const varint = (bytes: Buffer, at: number): { readonly value: number; readonly end: number } => {
  let value = 0;
  for (let nth = 0; nth < 9; nth += 1) {
    const byte = within(bytes, at + nth, 1).readUInt8(0);
    value = nth === 8 ? value * 256 + byte : value * 128 + (byte & 0x7f);
    if (value > Number.MAX_SAFE_INTEGER) throw damaged('a number in it is too large');
    if (nth === 8 || byte < 0x80) return { value, end: at + nth + 1 };
  }
  throw damaged('a number in it does not end');
};
