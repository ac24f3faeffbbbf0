/** Where an ext4 file system in a disk image has nothing, as dumpe2fs(8) tells it. */
import { run } from '../host/run.ts';
import type { DataExtent } from './search.ts';

/** From the lines `  Free blocks: 12-34, 56` of each group in dumpe2fs(8); offsets in bytes of the file system. */
export const freeExtents = async (image: string, start: number): Promise<DataExtent[]> => {
  const { stdout } = await run('dumpe2fs', [`${image}?offset=${start}`]);
  const blockSize = Number(/^Block size:\s+(\d+)$/m.exec(stdout)?.[1]);
  return [...stdout.matchAll(/^ {2}Free blocks: (.*)$/gm)].flatMap(([, list = '']) =>
    [...list.matchAll(/(\d+)(?:-(\d+))?/g)].map(([, first, last = first]) => ({
      start: Number(first) * blockSize,
      length: (Number(last) - Number(first) + 1) * blockSize,
    })),
  );
};
