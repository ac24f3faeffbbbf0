/** An original is never written over. */
import { realpath } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import { ifThere } from '../host/if-there.ts';

/** Throws `media.same-file` when both are one file, under whatever names. */
export const refuseSameFile = async (iso: string, output: string): Promise<void> => {
  const [from, to] = await Promise.all([iso, output].map((path) => ifThere(realpath(path))));
  if (from === undefined || from !== to) return;
  throw new IngotError('media.same-file', 'the original would be overwritten', {
    where: output,
    hint: 'Give the new medium another name.',
  });
};
