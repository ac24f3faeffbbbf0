/** What a Debian medium has already: the package indexes on it, read from the ISO. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../host/run.ts';
import { type Medium, readMedium, readMediumFile } from '../../../media/iso/medium.ts';
import { APT_HELPER } from '../archive/apt.ts';
import { basePackages } from '../archive/closure.ts';
import type { PackageIndex } from '../archive/package-index.ts';
import { buildGraph } from '../archive/relations.ts';

/** Of .debs, not of the installer's own components; the shortest name of each where it is there more than once. */
const INDEX = /^\/dists\/[^/]+\/(?!.*debian-installer).*\/binary-(?:amd64|all)\/Packages(?:\.[gx]z)?$/;

/** All stanzas as one text; empty for a medium without packages. `work` is a folder for what is unpacked. */
export const mediumPackages = async (iso: string, work: string, signal?: AbortSignal): Promise<string> =>
  packagesOn(await readMedium(iso, signal), work, signal);

/** The same of a medium that was read. */
export const packagesOn = async (medium: Medium, work: string, signal?: AbortSignal): Promise<string> => {
  const texts: string[] = [];
  for (const path of indexesOf(medium)) texts.push((await unpacked(medium, path, work, signal)).trim());
  return texts.map((text) => (text === '' ? '' : `${text}\n\n`)).join('');
};

/**
 * The base system of a medium as dpkg's status file: what is essential, required or important, with what it depends
 * on. It decides which of several alternatives a dependency means.
 */
export const baseStatus = (medium: PackageIndex): string => {
  const all = [...medium.all('')];
  const base = buildGraph(all).closure(basePackages(medium, '', []));
  return all
    .filter(({ name }) => base.has(name))
    .map(({ text }) => `${installed(text)}\n\n`)
    .join('');
};

/** A stanza of an index as dpkg's status file has it. */
export const installed = (stanza: string): string =>
  stanza.trim().replace(/^(Package: .*)$/m, '$1\nStatus: install ok installed');

const indexesOf = ({ files }: Medium): string[] => {
  const byFolder = new Map<string, string>();
  for (const path of [...files.keys()].sort()) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (INDEX.test(path) && !byFolder.has(folder)) byFolder.set(folder, path);
  }
  return [...byFolder.values()];
};

/** apt's helper knows the compression by the file's name. */
const unpacked = async (medium: Medium, path: string, work: string, signal?: AbortSignal): Promise<string> => {
  const bytes = await readMediumFile(medium, path);
  if (path.endsWith('/Packages')) return bytes.toString('utf8');
  const file = join(work, path.slice(path.lastIndexOf('/') + 1));
  await writeFile(file, bytes);
  const { stdout } = await run(APT_HELPER, ['cat-file', file], { signal, hint: 'Install apt.' });
  return stdout;
};
