/**
 * The header of a qcow2 image from elsewhere (QEMU's docs/interop/qcow2), looked at before QEMU opens it: that it stands
 * alone, and that its tables are inside the file and not larger than it needs.
 */
import { bytesAt, type ImageFacts, type ImageFile, imageFault, isInside, requireVirtualSize } from './image-fault.ts';
import { qcow2Files } from './qcow2-header.ts';

export interface Qcow2Facts extends ImageFacts {
  /** It has one state and was closed in order: the file can be used as it is. */
  readonly isPlain: boolean;
}

const [V2_HEADER, V3_HEADER] = [72, 104];
const INCOMPATIBLE = { dirty: 1n, corrupt: 2n, dataFile: 4n, compression: 8n, extendedL2: 16n };
const KNOWN = Object.values(INCOMPATIBLE).reduce((all, one) => all | one);
/** As QEMU limits them (block/qcow2.h). */
const [MOST_L1_BYTES, MOST_REFCOUNT_TABLE] = [32 * 2 ** 20, 8 * 2 ** 20];
const [LEAST_CLUSTER_BITS, MOST_CLUSTER_BITS] = [9, 21];
/** Of a snapshot at least the fixed part of its entry. */
const SNAPSHOT_ENTRY = 40;
const MOST_SNAPSHOTS = 1024;
const EXTENSIONS = { end: 0, dataFile: 0x44415441, crypto: 0x0537be77 };

export const readQcow2 = async (file: ImageFile): Promise<Qcow2Facts> => {
  const start = await bytesAt(file, 0, V2_HEADER, 'its header');
  const version = start.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw imageFault('unsupported', `qcow2 of version ${version}`);
  const header = version === 2 ? start : await bytesAt(file, 0, V3_HEADER, 'its header');
  const incompatible = version === 2 ? 0n : header.readBigUInt64BE(72);
  await requireAlone(file, header, incompatible);
  const clusterBits = header.readUInt32BE(20);
  if (clusterBits < LEAST_CLUSTER_BITS || clusterBits > MOST_CLUSTER_BITS)
    throw imageFault('absurd', `clusters of 2^${clusterBits} bytes`);
  const cluster = 2 ** clusterBits;
  const length = version === 2 ? V2_HEADER : header.readUInt32BE(100);
  if (length < (version === 2 ? V2_HEADER : V3_HEADER) || length > cluster || length % 8 !== 0)
    throw imageFault('absurd', `a header of ${length} bytes`);
  if (version === 3 && header.readUInt32BE(96) > 6)
    throw imageFault('absurd', `reference counts of 2^${header.readUInt32BE(96)} bits`);
  await requireExtensions(file, length, Math.min(cluster, file.size));
  const facts = requireVirtualSize(Number(header.readBigUInt64BE(24)));
  const entry = (incompatible & INCOMPATIBLE.extendedL2) === 0n ? 8 : 16;
  requireTables(file, header, { cluster, needed: Math.ceil(facts.virtualSize / (cluster * (cluster / entry))) });
  const snapshots = header.readUInt32BE(60);
  return { ...facts, isPlain: snapshots === 0 && (incompatible & INCOMPATIBLE.dirty) === 0n };
};

const requireAlone = async (file: ImageFile, header: Buffer, incompatible: bigint): Promise<void> => {
  if (header.readBigUInt64BE(8) !== 0n || header.readUInt32BE(16) !== 0) {
    const { backing } = await qcow2Files(file.handle);
    throw imageFault('needs-files', `it is a layer over ${JSON.stringify(backing ?? '')}`);
  }
  if ((incompatible & INCOMPATIBLE.dataFile) !== 0n) throw imageFault('needs-files', 'its data is in another file');
  if (header.readUInt32BE(32) !== 0) throw imageFault('encrypted', `by method ${header.readUInt32BE(32)} of qcow2`);
  if ((incompatible & INCOMPATIBLE.corrupt) !== 0n) throw imageFault('truncated', 'it is marked as damaged');
  if ((incompatible & ~KNOWN) !== 0n)
    throw imageFault('unsupported', `features 0x${(incompatible & ~KNOWN).toString(16)} that are not known`);
};

interface Needed {
  readonly cluster: number;
  /** Entries of the first table. */
  readonly needed: number;
}

const requireTables = (file: ImageFile, header: Buffer, { cluster, needed }: Needed): void => {
  const table = (name: string, at: number, size: number) => {
    if (at % cluster !== 0 || at === 0) throw imageFault('absurd', `its ${name} table begins at ${at}`);
    if (!isInside(file.size, at, size)) throw imageFault('truncated', `its ${name} table lies beyond its end`);
  };
  const entries = header.readUInt32BE(36);
  if (entries * 8 > MOST_L1_BYTES || entries < needed)
    throw imageFault('absurd', `a cluster table of ${entries} entries, where ${needed} are needed`);
  table('cluster', Number(header.readBigUInt64BE(40)), entries * 8);
  const clusters = header.readUInt32BE(56);
  if (clusters === 0 || clusters * cluster > MOST_REFCOUNT_TABLE)
    throw imageFault('absurd', `a reference table of ${clusters} clusters`);
  table('reference', Number(header.readBigUInt64BE(48)), clusters * cluster);
  const snapshots = header.readUInt32BE(60);
  if (snapshots > MOST_SNAPSHOTS) throw imageFault('absurd', `${snapshots} snapshots`);
  if (snapshots > 0) table('snapshot', Number(header.readBigUInt64BE(64)), snapshots * SNAPSHOT_ENTRY);
};

/** They stand between the header and the end of its cluster: a type and a length, eight bytes a step. */
const requireExtensions = async (file: ImageFile, from: number, end: number): Promise<void> => {
  for (let at = from; at + 8 <= end; ) {
    const head = await bytesAt(file, at, 8, 'its header');
    const [type, length] = [head.readUInt32BE(0), head.readUInt32BE(4)];
    if (type === EXTENSIONS.end) return;
    if (type === EXTENSIONS.dataFile) throw imageFault('needs-files', 'it names a file for its data');
    if (type === EXTENSIONS.crypto) throw imageFault('encrypted', 'by LUKS');
    if (length > end - at - 8) throw imageFault('absurd', `a header extension of ${length} bytes`);
    at += 8 + Math.ceil(length / 8) * 8;
  }
};
