/**
 * When support ends: of a release as distro-info-data has it, of sources as debian-security-support has them. Both are packages of
 * the archive, so they are as trustworthy as its indexes.
 */
import type { Support } from '../../../vulns/updates.ts';

const rows = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/** `source version date URL` */
export const parseEnded = (text: string): Support['ended'] =>
  rows(text).flatMap((row) => {
    const [source, , since, url] = row.split(/\s+/);
    return source && since && /^\d{4}-\d{2}-\d{2}$/.test(since) ? [{ source, since, ...(url ? { url } : {}) }] : [];
  });

/** `source words…` */
export const parseLimited = (text: string): Support['limited'] =>
  rows(text).map((row) => {
    const [source = '', ...words] = row.split(/\s+/);
    return { source, note: words.join(' ') };
  });

/** `version,codename,series,created,release,eol,eol-lts,eol-elts`: the first line names the columns. */
export const parseRelease = (csv: string, codename: string): Support['release'] => {
  const [head = '', ...lines] = csv.split('\n');
  const names = head.split(',');
  for (const line of lines) {
    const values = line.split(',');
    const at = (name: string): string | undefined => values[names.indexOf(name)]?.trim() || undefined;
    if (at('series') !== codename) continue;
    const [eol, eolLts] = [at('eol'), at('eol-lts')];
    return { name: `Debian ${at('version') ?? codename}`, ...(eol ? { eol } : {}), ...(eolLts ? { eolLts } : {}) };
  }
  return undefined;
};
