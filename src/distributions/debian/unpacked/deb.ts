/** What is in a .deb, read by dpkg-deb (deb(5)): its control archive whole, its files one by one. */
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { readTar, type TarEntry } from '../../../formats/archives/tar.ts';
import { parseStanza, type Stanza } from '../../../formats/packages/deb822.ts';
import { run } from '../../../host/run.ts';

export interface ControlFile {
  readonly entry: TarEntry;
  readonly content: Buffer;
}

export interface ControlArchive {
  /** Its `control`, without the empty line after it. */
  readonly text: string;
  readonly fields: Stanza;
  /** All others by name: `postinst`, `conffiles`, `md5sums`, … */
  readonly files: ReadonlyMap<string, ControlFile>;
}

/** Both parts of a .deb as tar archives. */
export interface ExtractedDeb {
  readonly control: string;
  readonly files: string;
}

/** One shell for many packages: what starting a process costs here is more than what most of them take. */
const EXTRACT =
  'while [ $# -gt 0 ]; do dpkg-deb --ctrl-tarfile "$1" > "$2.control" && dpkg-deb --fsys-tarfile "$1" > "$2.files" || exit; shift 2; done';

/** Takes .debs apart below `folder`, in their order. */
export const extractDebs = async (
  debs: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<ExtractedDeb[]> => {
  const named = debs.map((deb) => ({ deb, base: join(folder, basename(deb)) }));
  await run('sh', ['-c', EXTRACT, 'sh', ...named.flatMap(({ deb, base }) => [deb, base])], {
    signal,
    hint: 'Install dpkg.',
  });
  return named.map(({ base }) => ({ control: `${base}.control`, files: `${base}.files` }));
};

export const readControl = async (archive: string, name: string): Promise<ControlArchive> => {
  const files = new Map<string, ControlFile>();
  let entry: TarEntry | undefined;
  let chunks: Uint8Array[] = [];
  await readTar(
    createReadStream(archive),
    {
      entry(next) {
        entry = next;
        chunks = [];
      },
      data: (chunk) => void chunks.push(chunk),
      end() {
        if (entry?.type === 'File') files.set(entry.path, { entry, content: Buffer.concat(chunks) });
      },
    },
    { name },
  );
  const text = (files.get('control')?.content.toString() ?? '').trimEnd();
  files.delete('control');
  return { text, fields: parseStanza(text), files };
};
