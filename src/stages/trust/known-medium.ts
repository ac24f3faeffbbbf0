/**
 * Install media for `ingot verify`: which ones the manifest names as proved, as good as the signature over the folder, and where such
 * an ISO is. Wherever it is found, its digest is taken before anything in it counts.
 */
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { sha256File } from '../../host/files.ts';
import { ifThere } from '../../host/if-there.ts';
import { filesOf } from '../../pipeline/result-files.ts';
import { readEntry } from '../../pipeline/store.ts';
import type { ProvenMedium } from '../../trust/evidence.ts';

const proof = z.looseObject({ none: z.string().optional(), covers: z.string() });

const manifestOrigin = z.looseObject({
  origin: z.looseObject({
    kind: z.string(),
    source: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    chain: z.array(proof).optional(),
  }),
});

/** What an ISO has to be, and where the manifest of an older Ingot says that it lay. */
interface NamedMedium {
  readonly sha256: string;
  readonly source: string | undefined;
}

/** Those of recipes below are named by what was proved of them alone. */
export const namedMedia = (manifest: unknown): readonly NamedMedium[] => {
  const origin = manifestOrigin.safeParse(manifest).data?.origin;
  if (origin === undefined) return [];
  const { kind, sha256, source, chain = [] } = origin;
  const pinned = chain.flatMap(({ none, covers }) => {
    const [, digest] = /^the file ([0-9a-f]{64})$/.exec(covers) ?? [];
    return none === 'pinned by digest only' && digest !== undefined ? [digest] : [];
  });
  // By the publisher's sums, whose proof says no SHA-256, or not at all.
  const isBySums = chain[0]?.covers.startsWith('the publisher') ?? false;
  const proved = new Set([...(isBySums ? [sha256] : []), ...pinned]);
  return [...proved].map((digest) => ({
    sha256: digest,
    source: kind === 'iso' && digest === sha256 && isAbsolute(source) ? source : undefined,
  }));
};

export const provenBy = (path: string, sha256: string): ProvenMedium => ({
  path,
  sha256,
  by: `the ISO ${sha256.slice(0, 12)}…, as the manifest has its digest`,
});

/** In the store, or where it lay when the build took it. */
export const storedMedia = async (
  store: string,
  named: readonly NamedMedium[],
  signal?: AbortSignal,
): Promise<ProvenMedium[]> => {
  const found: ProvenMedium[] = [];
  for (const { sha256, source } of named)
    for (const path of [
      join(store, 'shared', 'isos', `${sha256}.iso`),
      ...(await fetchedFrom(store, sha256)),
      ...(source === undefined ? [] : [source]),
    ])
      if ((await ifThere(stat(path)))?.isFile() && (await sha256File(path, signal)) === sha256) {
        found.push(provenBy(path, sha256));
        break;
      }
  return found;
};

/** What *fetch* took, by what it wrote down of it. */
const fetchedFrom = async (store: string, sha256: string): Promise<string[]> => {
  const folder = join(store, 'stages', 'fetch');
  const found: string[] = [];
  for (const name of (await ifThere(readdir(folder))) ?? []) {
    const files = filesOf((await readEntry(join(folder, name)))?.out);
    found.push(...files.flatMap((file) => (file.sha256 === sha256 ? [file.path] : [])));
  }
  return found;
};
