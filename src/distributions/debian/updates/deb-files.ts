/** Single small files out of a .deb, without unpacking it. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { readTar, type TarEntry } from '../../../formats/archives/tar.ts';
import { run } from '../../../host/run.ts';

/** What is larger is no text that is read here. */
const MOST = 32 * 2 ** 20;

export type DebFile = { readonly content: Buffer } | { readonly link: string };

/** Files and links whose path is one of those. `work` is a folder of the caller's own. */
export const filesOfDeb = async (
  deb: string,
  wanted: (path: string) => boolean,
  work: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, DebFile>> => {
  const archive = join(work, 'files.tar');
  await run('dpkg-deb', ['--fsys-tarfile', deb], { outputFile: archive, signal, hint: 'Install dpkg.' });
  const found = new Map<string, DebFile>();
  let open: { entry: TarEntry; chunks: Uint8Array[] } | undefined;
  await readTar(
    createReadStream(archive),
    {
      entry(entry) {
        open = wanted(entry.path) && entry.size <= MOST ? { entry, chunks: [] } : undefined;
        if (open && entry.type === 'SymbolicLink') found.set(entry.path, { link: entry.linkpath ?? '' });
      },
      data: (chunk) => void open?.chunks.push(Buffer.from(chunk)),
      end() {
        if (open?.entry.type === 'File') found.set(open.entry.path, { content: Buffer.concat(open.chunks) });
        open = undefined;
      },
    },
    { name: deb },
  );
  return found;
};
