/** The header of a qcow2 image (QEMU's docs/interop/qcow2): which other files it needs, found without opening them. */
import type { FileHandle } from 'node:fs/promises';

/** The other files that an image needs. */
export interface OtherFiles {
  /** As the image names it: a path, or one of QEMU's own forms (`json:{…}`, `nbd://…`). */
  readonly backing: string | undefined;
  /** Its clusters lie in another file. */
  readonly hasDataFile: boolean;
}

const [BACKING_OFFSET, BACKING_SIZE, INCOMPATIBLE] = [8, 16, 72];
const HEADER = 104;
const LONGEST_NAME = 1023;
/** Of the incompatible features. */
const EXTERNAL_DATA = 1n << 2n;

export const qcow2Files = async (file: FileHandle): Promise<OtherFiles> => {
  const header = Buffer.alloc(HEADER);
  await file.read(header, 0, HEADER, 0);
  const version = header.readUInt32BE(4);
  const hasDataFile = version >= 3 && (header.readBigUInt64BE(INCOMPATIBLE) & EXTERNAL_DATA) !== 0n;
  const at = header.readBigUInt64BE(BACKING_OFFSET);
  const length = Math.min(header.readUInt32BE(BACKING_SIZE), LONGEST_NAME);
  if (at === 0n || length === 0) return { backing: undefined, hasDataFile };
  const name = Buffer.alloc(length);
  await file.read(name, 0, length, Number(at));
  return { backing: name.toString('utf8'), hasDataFile };
};
