/** .debs of the host: found by name or pattern, looked at, and described as an index does it. */
import { glob, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { IngotError } from '../../../errors.ts';
import { parseStanza } from '../../../formats/packages/deb822.ts';
import { fileRef } from '../../../host/files.ts';
import { ifThere } from '../../../host/if-there.ts';
import { run } from '../../../host/run.ts';
import type { PackageEntry } from '../archive/package-index.ts';

export interface LocalDeb extends PackageEntry {
  /** On the host. */
  readonly path: string;
}

/** The files that a path or a pattern names, in the order of their names. Throws `media.no-deb`. */
export const findDebs = async (pattern: string, folder: string, where: string): Promise<string[]> => {
  // A name with brackets is first tried as a name.
  if (await isFile(resolve(folder, pattern))) return [resolve(folder, pattern)];
  const found: string[] = [];
  for await (const path of glob(pattern, { cwd: folder })) found.push(resolve(folder, path));
  const debs = found.filter((path) => path.endsWith('.deb')).sort();
  if (debs.length > 0) return debs;
  throw new IngotError('media.no-deb', `there is no .deb at ${resolve(folder, pattern)}`, {
    where,
    hint: 'Paths are relative to the recipe; `*` stands for a part of one name.',
  });
};

const isFile = async (path: string): Promise<boolean> => (await ifThere(stat(path)))?.isFile() ?? false;

/** Reads it to its end. Throws `media.deb-damaged`, `media.deb-architecture`. */
export const readDeb = async (path: string, arch: string, where: string, signal?: AbortSignal): Promise<LocalDeb> => {
  const fields = await controlOf(path, where, signal);
  const stanza = parseStanza(fields);
  const [name, version, built] = [stanza.get('package'), stanza.get('version'), stanza.get('architecture')];
  if (!name || !version || !built || !/^[a-z0-9][a-z0-9+.-]+$/.test(name) || !/^[\w.+~:-]+$/.test(version))
    throw damaged(path, where, `Package: ${name}, Version: ${version}, Architecture: ${built}`);
  if (built !== arch && built !== 'all') {
    throw new IngotError('media.deb-architecture', `${basename(path)} is for ${built}, the medium is for ${arch}`, {
      where: path,
      detail: where,
      hint: `Take the package that was built for ${arch}, or for all.`,
    });
  }
  const { size, sha256 } = await fileRef(path, signal);
  const filename = debName({ name, version, arch: built });
  const text = `${fields}\nFilename: ${filename}\nSize: ${size}\nSHA256: ${sha256}`;
  return { path, name, version, arch: built, suite: '', filename, size, sha256, fields: parseStanza(text), text };
};

/** As the archive names its files: without the epoch, which has a colon. */
export const debName = ({ name, version, arch }: Pick<PackageEntry, 'name' | 'version' | 'arch'>): string =>
  `pool/${name.slice(0, name.startsWith('lib') ? 4 : 1)}/${name}_${version.replace(/^\d+:/, '')}_${arch}.deb`;

/** Unpacking the files to nowhere is the check that they are whole: a .deb has no sum of its own. */
const CONTROL = 'dpkg-deb --field "$1" && dpkg-deb --fsys-tarfile "$1" > /dev/null';
const IN_INDEX_ONLY = /^(?:Filename|Size|MD5sum|SHA1|SHA256|SHA512):/i;

const controlOf = async (path: string, where: string, signal?: AbortSignal): Promise<string> => {
  const result = await run('sh', ['-c', CONTROL, 'sh', path], {
    allow: [1, 2],
    signal,
    hint: 'Install dpkg.',
  });
  if (result.exitCode !== 0) throw damaged(path, where, result.stderr);
  const lines = result.stdout.split('\n').filter((line) => line.trim() !== '' && !IN_INDEX_ONLY.test(line));
  return lines.join('\n');
};

const damaged = (path: string, where: string, detail: string): IngotError =>
  new IngotError('media.deb-damaged', `${basename(path)} is not a whole Debian package`, {
    where: path,
    detail: `${detail.trim()}\n${where}`,
    hint: 'Fetch or build it again; `dpkg-deb --info` shows what is left of it.',
  });
