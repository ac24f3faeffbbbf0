/** Reads apt's package sources (sources.list(5)): one-line and deb822 style. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { ifThere } from '../../host/if-there.ts';
import { parseStanzas, words } from './control.ts';

export interface SourceEntry {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Key files, a fingerprint, or an armored key itself, as written. */
  readonly signedBy: string | undefined;
}

/** Binary package entries only; disabled ones are left out. */
export const parseDeb822Sources = (text: string): SourceEntry[] =>
  parseStanzas(text)
    .filter((stanza) => words(stanza.get('types')).includes('deb'))
    .filter((stanza) => !/^(no|false|without|off|disable)$/i.test(stanza.get('enabled') ?? 'yes'))
    .map((stanza) => ({
      uris: words(stanza.get('uris')),
      suites: words(stanza.get('suites')),
      components: words(stanza.get('components')),
      signedBy: stanza.get('signed-by')?.trim(),
    }));

/** `deb [ option=value … ] URI SUITE COMPONENT…` */
export const parseOneLineSources = (text: string): SourceEntry[] =>
  text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)([^#]*)/.exec(line);
    if (!match) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1];
    return [{ uris: [uri], suites: [suite], components: words(components), signedBy }];
  });

/** One that root alone may read has a login in it, which is nothing for an image. */
const read = async (path: string): Promise<string> => {
  try {
    return (await ifThere(readFile(path, 'utf8'))) ?? '';
  } catch (error) {
    if (error instanceof IngotError && error.code === 'host.not-allowed') return '';
    throw error;
  }
};

/** All entries below an apt configuration folder (/etc/apt), in apt's order; empty when there is none. */
export const readAptSources = async (folder = '/etc/apt'): Promise<SourceEntry[]> => {
  const parts = join(folder, 'sources.list.d');
  const names = ((await ifThere(readdir(parts))) ?? []).sort();
  const entries = parseOneLineSources(await read(join(folder, 'sources.list')));
  for (const name of names) {
    if (/^[\w.-]+\.list$/.test(name)) entries.push(...parseOneLineSources(await read(join(parts, name))));
    if (/^[\w.-]+\.sources$/.test(name)) entries.push(...parseDeb822Sources(await read(join(parts, name))));
  }
  return entries;
};
