/** Content in whole blocks, the last one filled with zeros; a block of zeros only is a hole. */

const isBlank = (bytes: Buffer, zeros: Buffer): boolean => bytes.compare(zeros, 0, bytes.length) === 0;

/** Each piece is valid until the next one is asked for; `isHole` when nothing but zeros is in it. */
export async function* blocksOf(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  blockSize: number,
): AsyncGenerator<{ readonly at: number; readonly bytes: Buffer; readonly isHole: boolean }> {
  const zeros = Buffer.alloc(blockSize);
  const rest = Buffer.alloc(blockSize);
  let [filled, at] = [0, 0];
  for await (const piece of content) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let done = 0;
    while (done < bytes.length) {
      if (filled === 0 && bytes.length - done >= blockSize) {
        const block = bytes.subarray(done, done + blockSize);
        yield { at, bytes: block, isHole: isBlank(block, zeros) };
        at += 1;
        done += blockSize;
        continue;
      }
      const count = Math.min(blockSize - filled, bytes.length - done);
      bytes.copy(rest, filled, done, done + count);
      filled += count;
      done += count;
      if (filled < blockSize) continue;
      yield { at, bytes: rest, isHole: isBlank(rest, zeros) };
      at += 1;
      filled = 0;
    }
  }
  if (filled === 0) return;
  rest.fill(0, filled);
  yield { at, bytes: rest, isHole: isBlank(rest, zeros) };
}
