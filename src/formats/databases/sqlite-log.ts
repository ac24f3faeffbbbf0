/** The write-ahead log beside an SQLite database: what was written and has not come into the file yet (sqlite.org/fileformat2.html, 4). */
import { IngotError } from '../../errors.ts';

/** Pages of the transactions that were ended, the latest of each: a log is cut off where its sums no longer hold. */
export const pagesOfLog = (wal: Buffer, pageSize: number): ReadonlyMap<number, Buffer> => {
  const found = new Map<number, Buffer>();
  if (wal.length < 32) return found;
  const magic = wal.readUInt32BE(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) throw damaged('its write-ahead log does not begin as one does');
  const isBig = magic === 0x377f0683;
  let sum = addTo([0, 0], wal.subarray(0, 24), isBig);
  if (sum[0] !== wal.readUInt32BE(24) || sum[1] !== wal.readUInt32BE(28)) return found;
  const pending = new Map<number, Buffer>();
  for (let at = 32; at + 24 + pageSize <= wal.length; at += 24 + pageSize) {
    const frame = wal.subarray(at, at + 24);
    const page = wal.subarray(at + 24, at + 24 + pageSize);
    sum = addTo(addTo(sum, frame.subarray(0, 8), isBig), page, isBig);
    const isSame = frame.compare(wal, 16, 24, 8, 16) === 0;
    if (!isSame || sum[0] !== frame.readUInt32BE(16) || sum[1] !== frame.readUInt32BE(20)) break;
    pending.set(frame.readUInt32BE(0), page);
    if (frame.readUInt32BE(4) === 0) continue;
    for (const [number, content] of pending) found.set(number, content);
    pending.clear();
  }
  return found;
};

type Sum = readonly [number, number];

const addTo = ([one, other]: Sum, bytes: Buffer, isBig: boolean): Sum => {
  let [first, second] = [one, other];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    first = (first + (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + second) >>> 0;
    second = (second + (isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + first) >>> 0;
  }
  return [first, second];
};

export const damaged = (why: string): IngotError =>
  new IngotError('inspect.sqlite-damaged', `the SQLite database cannot be read: ${why}`, {
    hint: '`sqlite3 FILE "pragma integrity_check"` says more of a copy of it.',
  });
