/** The package sources of this host's apt: where packages come from when the recipe names no mirror. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../../errors.ts';
import { type AptSource, parseDeb822Sources, parseOneLineSources } from '../../../formats/packages/apt-sources.ts';
import { ifThere } from '../../../host/if-there.ts';

/** One that only root may read has a login in it, which must not get into an image. */
const read = async (path: string): Promise<string> => {
  try {
    return (await ifThere(readFile(path, 'utf8'))) ?? '';
  } catch (error) {
    if (error instanceof IngotError && error.code === 'host.not-allowed') return '';
    throw error;
  }
};

/** All that are for binary packages below an apt configuration folder (/etc/apt), in apt's order; empty when there is none. */
export const readAptSources = async (folder = '/etc/apt'): Promise<AptSource[]> => {
  const parts = join(folder, 'sources.list.d');
  const names = ((await ifThere(readdir(parts))) ?? []).sort();
  const entries = parseOneLineSources(await read(join(folder, 'sources.list')));
  for (const name of names) {
    if (/^[\w.-]+\.list$/.test(name)) entries.push(...parseOneLineSources(await read(join(parts, name))));
    if (/^[\w.-]+\.sources$/.test(name)) entries.push(...parseDeb822Sources(await read(join(parts, name))));
  }
  return entries.filter(({ types }) => types.includes('deb'));
};
