/** Many JSON documents in one file: a ZIP or tar archive of them, or one alone. */
import { throwIfInterrupted } from '../../errors.ts';
import { readTar, TAR_END, type TarEntry } from '../../formats/archives/tar.ts';
import { ZipError, zipEntries } from '../../formats/archives/zip-entries.ts';
import { firstBytes } from '../../host/files.ts';
import { invalidFeed, tooLargeFeed } from './feed-error.ts';
import { feedText, openFeed } from './open-feed.ts';

export interface Document {
  readonly name: string;
  readonly text: string;
}

const MOST_DOCUMENT = 32 * 2 ** 20;
const MOST_TOTAL = 4 * 2 ** 30;
const LIMITS = { entry: MOST_DOCUMENT, total: MOST_TOTAL, count: 2_000_000 };

/** Throws `vulns.feed-invalid` or `vulns.feed-too-large`. */
export async function* archivedDocuments(path: string, signal?: AbortSignal): AsyncGenerator<Document> {
  if ((await firstBytes(path, 2)).toString('latin1') === 'PK') return yield* ofZip(path, signal);
  const head = await openFeed(path, signal).next();
  const isJson = !head.done && /^\s*\{/.test(head.value.toString('latin1', 0, 1024));
  if (isJson) return yield { name: 'document', text: await feedText(path, signal, MOST_DOCUMENT) };
  yield* ofTar(path, signal);
}

async function* ofZip(path: string, signal?: AbortSignal): AsyncGenerator<Document> {
  try {
    for await (const { name, content } of zipEntries(path, LIMITS)) {
      throwIfInterrupted(signal);
      if (name.endsWith('.json')) yield { name, text: content.toString('utf8') };
    }
  } catch (error) {
    if (error instanceof ZipError) throw invalidFeed(path, error.message, error);
    throw error;
  }
}

/** One that was cut between two entries, or within a header, would be read as a shorter one: two blocks of zeros end each. */
async function* wholeTar(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let end: Buffer = Buffer.alloc(0);
  for await (const piece of openFeed(path, signal, MOST_TOTAL)) {
    end =
      piece.length >= TAR_END.length
        ? piece.subarray(-TAR_END.length)
        : Buffer.concat([end, piece]).subarray(-TAR_END.length);
    yield piece;
  }
  if (!end.equals(TAR_END)) throw invalidFeed(path, 'the archive does not end: it was cut');
}

/** Those of one piece of the archive at a time are held. */
async function* ofTar(path: string, signal?: AbortSignal): AsyncGenerator<Document> {
  const ready: Document[] = [];
  let open: { entry: TarEntry; chunks: Buffer[] } | undefined;
  let done = false;
  let wake = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<void>();
  const reading = readTar(
    wholeTar(path, signal),
    {
      entry(entry) {
        if (entry.size > MOST_DOCUMENT) throw tooLargeFeed(path, entry.path.slice(0, 100));
        open = entry.type === 'File' && entry.path.endsWith('.json') ? { entry, chunks: [] } : undefined;
      },
      data: (chunk) => void open?.chunks.push(Buffer.from(chunk)),
      end() {
        if (open) ready.push({ name: open.entry.path, text: Buffer.concat(open.chunks).toString('utf8') });
        open = undefined;
      },
    },
    {
      name: path,
      async between() {
        if (ready.length === 0) return;
        taken = Promise.withResolvers();
        wake.resolve();
        await taken.promise;
      },
    },
  ).finally(() => {
    done = true;
    wake.resolve();
  });
  reading.catch(() => {});
  for (;;) {
    await wake.promise;
    wake = Promise.withResolvers();
    yield* ready.splice(0);
    taken.resolve();
    if (done) break;
  }
  yield* ready.splice(0);
  await reading;
}
