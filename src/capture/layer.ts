/** What was changed in a raw copy of an image, as a layer over that image: a few pieces instead of a second copy. */
import { open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../host/files.ts';
import { run } from '../host/run.ts';
import { sparsePieces } from '../host/sparse-digest.ts';
import { IMAGE_FORMATS } from './formats.ts';

export interface Layer {
  /** The qcow2 to write. */
  readonly path: string;
  /** Over this image; `backing` is how the layer names it, relative to where the layer will lie. */
  readonly image: { readonly path: string; readonly format: 'qcow2' | 'raw'; readonly backing: string };
  /** Bytes. */
  readonly size: number;
  readonly signal: AbortSignal;
}

interface Changes {
  /** Raw copy of the image, changed by now. */
  readonly copy: string;
  /** Its pieces as they were before. */
  readonly before: ReadonlyMap<number, string>;
}

/** One in which nothing differs yet. */
export const createLayer = (layer: Layer): Promise<void> => writeOver(layer, async () => {});

export const writeLayer = (layer: Layer & Changes): Promise<void> => writeOver(layer, () => writeChanges(layer));

const writeOver = async ({ path, image, size, signal }: Layer, write: () => Promise<void>): Promise<void> => {
  const over = (backing: string) => ['-f', 'qcow2', '-F', image.format, '-b', backing, path];
  await run('qemu-img', ['create', '-q', ...over(image.path), String(size)], { signal });
  await write();
  await run('qemu-img', ['rebase', '-u', ...over(image.backing)], { signal });
};

const writeChanges = async ({ copy, before, path, size, signal }: Omit<Layer & Changes, 'image'>): Promise<void> => {
  const { pieceSize, digests } = await sparsePieces(copy, signal);
  const changed = [...new Set([...digests.keys(), ...before.keys()])]
    .filter((at) => digests.get(at) !== before.get(at))
    .sort((one, other) => one - other);
  await using source = await open(copy);
  for (let first = 0; first < changed.length; first += AT_ONCE) {
    await using temporary = await temporaryFolder('.ingot-layer-', dirname(path));
    const writes: string[] = [];
    for (const at of changed.slice(first, first + AT_ONCE)) {
      const piece = Buffer.alloc(Math.min(pieceSize, size - at));
      await source.read(piece, 0, piece.length, at);
      const file = join(temporary.path, String(at));
      await writeFile(file, piece);
      writes.push('-c', `write -q -s ${file} ${at} ${piece.length}`);
    }
    await run('qemu-io', ['-f', 'qcow2', ...writes, path], { signal });
  }
};

/** Pieces that lie next to the layer meanwhile. */
const AT_ONCE = 64;

/** The same layer with its clusters compressed. `qemu-img convert -B` takes what the layer itself has; the rest stays in the image. */
export const compressLayer = async (
  layer: string,
  target: string,
  { image, signal }: Pick<Layer, 'image' | 'signal'>,
): Promise<void> => {
  const over = ['-B', image.path, '-F', image.format];
  const { write } = IMAGE_FORMATS.qcow2;
  await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'qcow2', ...over, ...write, layer, target], { signal });
  await run('qemu-img', ['rebase', '-u', '-f', 'qcow2', '-F', image.format, '-b', image.backing, target], { signal });
};
