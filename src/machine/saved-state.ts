/**
 * A running machine in files: its disk as it stood, and its memory and devices as QEMU's migration stream (QEMU
 * docs/devel/migration). The guest goes on in a new overlay; `MachineRun.incoming` goes on from the files.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IngotError, OUR_FAULT } from '../errors.ts';
import { type FileRef, fileOf } from '../host/files.ts';
import { run } from '../host/run.ts';
import type { Qmp } from './qmp.ts';
import { createRuntimeFolder } from './runtime-folder.ts';

export interface SaveOptions {
  /** The file for memory and devices, mode 0600. */
  readonly memory: string;
  /** The qcow2 overlay that the guest writes to from now on; made here. */
  readonly overlay: string;
  /** Where the disk that the guest has now will be found, absolute: the overlay names it as its backing file. */
  readonly backing: string;
  /** Told the overlay once the guest writes to it, even when saving fails afterwards. */
  readonly onDisk?: (overlay: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The first disk of a machine, as `devices.ts` names it. */
const DISK = 'disk0';

/**
 * Pauses the guest, freezes its disk, writes the memory and lets the guest go on. The frozen disk is the file that
 * the guest wrote to until now. Throws `machine.save-failed`; the guest goes on then as well.
 */
export const saveMachine = async (
  qmp: Qmp,
  { memory, overlay, backing, onDisk, signal }: SaveOptions,
): Promise<FileRef> => {
  const disk = await currentDisk(qmp);
  // The size is given, since QEMU holds the lock of the file that would tell it.
  const below = ['-u', '-b', backing, '-F', disk.format];
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', ...below, overlay, String(disk.size)], { signal });
  await qmp.execute('stop');
  try {
    await freeze(qmp, disk.node, overlay);
    onDisk?.(overlay);
    return await writeState(qmp, memory);
  } catch (cause) {
    await rm(memory, { force: true });
    throw new IngotError('machine.save-failed', 'the running machine could not be saved', {
      where: memory,
      detail: cause instanceof Error ? cause.message : String(cause),
      hint: WITHOUT,
      cause,
    });
  } finally {
    await qmp.execute('cont');
  }
};

/** The caller leaves it at a note. */
const WITHOUT = 'The build goes on without this checkpoint. Does the store have room for the machine’s memory?';

interface BlockDevice {
  readonly device: string;
  readonly inserted?: { 'node-name': string; drv: string; image: { 'virtual-size': number } };
}

const currentDisk = async (qmp: Qmp) => {
  // The shape is that of QEMU's QAPI type BlockInfo.
  const devices = (await qmp.execute('query-block')) as BlockDevice[];
  const inserted = devices.find(({ device }) => device === DISK)?.inserted;
  if (!inserted) throw new IngotError('machine.save-failed', 'the machine has no disk to freeze', { hint: OUR_FAULT });
  const { 'node-name': node, drv: format, image } = inserted;
  return { node, format, size: image['virtual-size'] };
};

const freeze = async (qmp: Qmp, node: string, overlay: string): Promise<void> => {
  const name = `layer${performance.now().toFixed(0)}`;
  await qmp.execute('blockdev-add', {
    driver: 'qcow2',
    'node-name': name,
    file: { driver: 'file', filename: overlay, discard: 'unmap', cache: { 'no-flush': true } },
    backing: null,
    discard: 'unmap',
    'detect-zeroes': 'unmap',
    cache: { 'no-flush': true },
  });
  await qmp.execute('blockdev-snapshot', { node, overlay: name });
};

/** No limit: the guest is paused, so one pass is all there is. Bytes per second. */
const BANDWIDTH = 2 ** 40;
const INTERVAL = 25;

/** QEMU may start no program and write no file of ours: it sends the stream through a socket. */
const writeState = async (qmp: Qmp, path: string): Promise<FileRef> => {
  await using runtime = await createRuntimeFolder();
  const { connection } = await runtime.listen('state');
  await qmp.execute('migrate-set-parameters', { 'max-bandwidth': BANDWIDTH });
  await qmp.execute('migrate', { uri: `unix:${join(runtime.path, 'state.sock')}` });
  const written = connection.then((socket) => writeStream(socket, path));
  const [file] = await Promise.all([written, migrated(qmp)]);
  return file;
};

const writeStream = async (socket: Socket, path: string): Promise<FileRef> => {
  const hash = createHash('sha256');
  let size = 0;
  const measure = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  await pipeline(socket, measure, createWriteStream(path, { mode: 0o600, highWaterMark: 1 << 22 }));
  return fileOf({ path, size, sha256: hash.digest('hex') });
};

const migrated = async (qmp: Qmp): Promise<void> => {
  for (;;) {
    // QAPI type MigrationInfo.
    const info = (await qmp.execute('query-migrate')) as { status: string; 'error-desc'?: string };
    if (info.status === 'completed') return;
    if (info.status === 'failed' || info.status === 'cancelled') {
      throw new IngotError('machine.save-failed', info['error-desc'] ?? `migration ${info.status}`, { hint: WITHOUT });
    }
    await new Promise((done) => setTimeout(done, INTERVAL));
  }
};
