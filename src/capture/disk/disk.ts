/** The bytes of a disk as its guest sees them, from an image of any format: a raw one is read directly, others through qemu-nbd. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngotError, throwIfInterrupted } from '../../errors.ts';
import { DISK_FORMATS, type DiskFormatName, diskFormatOf } from '../../formats/disk-images/disk-image.ts';
import { temporaryFolder } from '../../host/files.ts';
import { startLongLived } from '../../host/run.ts';
import { named } from '../../system-error.ts';
import { nbdClient } from './nbd.ts';
import { type PiecedSocket, piecedSocket } from './pieced-socket.ts';

export interface Disk extends AsyncDisposable {
  readonly image: string;
  readonly format: DiskFormatName;
  /** Of the disk, bytes. */
  readonly size: number;
  /** Of the file, bytes. */
  readonly fileSize: number;
  /** Fewer bytes only at the end of the disk. */
  read(offset: number, length: number): Promise<Buffer>;
}

/**
 * Throws `capture.image-unknown` for a file that is not a disk image, `machine.image-needs-files` for one that would have another file
 * of this host read, `capture.image-unreadable` when QEMU cannot read it.
 */
export const openDisk = async (image: string, signal?: AbortSignal): Promise<Disk> => {
  const format = await diskFormatOf(image).catch((error: unknown) => {
    throw named(error, image);
  });
  if (format === undefined) {
    throw new IngotError('capture.image-unknown', 'this is not a disk image', {
      where: image,
      hint: `Images may be ${DISK_FORMATS.map(({ title }) => title).join(', ')}. An ISO is looked into by \`ingot media inspect\`.`,
    });
  }
  return format === 'raw' ? openRaw(image) : openByQemu(image, format, signal);
};

const openRaw = async (image: string): Promise<Disk> => {
  const file = await open(image);
  const { size } = await file.stat();
  return {
    image,
    format: 'raw',
    size,
    fileSize: size,
    async read(offset, length) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
};

const openByQemu = async (image: string, format: DiskFormatName, signal?: AbortSignal): Promise<Disk> => {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await temporaryFolder('ingot-nbd-'));
  const path = join(folder.path, 'socket');
  // It ends with its one client, and with this process.
  const server = startLongLived('qemu-nbd', ['--read-only', '--format', format, '--socket', path, '--', image]);
  opened.defer(async () => {
    server.kill('SIGTERM');
    await server.ended;
  });
  try {
    const socket = await connected(path, server.ended, signal);
    opened.defer(() => void socket.socket.destroy());
    const client = await nbdClient(socket);
    opened.defer(() => client.close());
    const kept = opened.move();
    return {
      image,
      format,
      size: client.size,
      fileSize: await sizeOf(image),
      read: (offset, length) => client.read(offset, Math.max(0, Math.min(length, client.size - offset))),
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  } catch (cause) {
    throwIfInterrupted(signal);
    if (cause instanceof IngotError) throw cause;
    throw new IngotError('capture.image-unreadable', 'the image cannot be read', {
      where: image,
      detail: cause instanceof Error ? cause.message : String(cause),
      hint: `Is it whole? \`qemu-img check\` and \`qemu-img info\` say more. A machine that runs on it locks it.`,
      cause,
    });
  }
};

const sizeOf = async (path: string): Promise<number> => {
  await using file = await open(path);
  return (await file.stat()).size;
};

/** Milliseconds between two looks for the socket; QEMU takes some 30 to have it. */
const PAUSE = 10;

const connected = async (
  path: string,
  ended: Promise<{ readonly output: string; readonly exitCode: number | undefined }>,
  signal: AbortSignal | undefined,
): Promise<PiecedSocket> => {
  let end: { readonly output: string; readonly exitCode: number | undefined } | undefined;
  void ended.then((result) => {
    end = result;
  });
  for (;;) {
    throwIfInterrupted(signal);
    const socket = await piecedSocket(path);
    if (socket) return socket;
    if (end?.exitCode === 127 || end?.output.includes('setpriv: failed to execute')) {
      throw new IngotError('host.tool-missing', 'qemu-nbd: command not found', {
        hint: '`ingot doctor` says which package has it; a raw image needs none.',
      });
    }
    if (end) throw new Error(end.output.trim() || 'qemu-nbd has ended');
    await sleep(PAUSE);
  }
};
