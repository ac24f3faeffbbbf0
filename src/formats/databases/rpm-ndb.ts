/**
 * The headers in `Packages.db`, the form `ndb` of rpm's database (rpm's lib/backend/ndb/rpmpkg.c): pages of slots, each of which says
 * where a blob lies. Numbers are little-endian, places count blocks of 16 bytes.
 */
import { IngotError } from '../../errors.ts';

const MAGIC = 'RpmP';
const [SLOT_MAGIC, BLOB_MAGIC] = ['Slot', 'BlbS'];
const [PAGE, HEADER, SLOT, BLOCK, BLOB_HEADER] = [4096, 32, 16, 16, 16];
const VERSION = 0;

/** In the order of the packages' numbers. Throws `inspect.ndb-damaged`. */
export const readNdb = (file: Buffer): Buffer[] => {
  if (file.length < PAGE || file.toString('latin1', 0, 4) !== MAGIC) throw damaged('it does not begin as one does');
  const [version, pages] = [file.readUInt32LE(4), file.readUInt32LE(12)];
  if (version !== VERSION) throw damaged(`its version ${version} is not known`);
  if (pages * PAGE > file.length) throw damaged('its slots lie beyond its end');
  const found: { readonly number: number; readonly blob: Buffer }[] = [];
  for (let at = HEADER; at < pages * PAGE; at += SLOT) {
    if (file.toString('latin1', at, at + 4) !== SLOT_MAGIC) throw damaged('a slot is none');
    const [number, block] = [file.readUInt32LE(at + 4), file.readUInt32LE(at + 8)];
    // A free one.
    if (block === 0) continue;
    const start = block * BLOCK;
    if (start + BLOB_HEADER > file.length || file.toString('latin1', start, start + 4) !== BLOB_MAGIC)
      throw damaged(`package ${number} is not where it should be`);
    const [same, length] = [file.readUInt32LE(start + 4), file.readUInt32LE(start + 12)];
    const blob = file.subarray(start + BLOB_HEADER, start + BLOB_HEADER + length);
    if (same !== number || blob.length !== length) throw damaged(`package ${number} is not whole`);
    found.push({ number, blob });
  }
  return found.sort((one, other) => one.number - other.number).map(({ blob }) => blob);
};

const damaged = (why: string): IngotError =>
  new IngotError('inspect.ndb-damaged', `rpm's database in the form ndb cannot be read: ${why}`, {
    hint: '`rpm --verifydb` on its own system says more.',
  });
