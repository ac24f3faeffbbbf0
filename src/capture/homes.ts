/** The homes of all accounts of a captured system (guest/seal/homes-script.ts says which are none). */
import { isHome } from '../guest/seal/homes-script.ts';
import { glob } from './glob.ts';
import type { GuestFiles } from './guest-files.ts';

const known = new WeakMap<GuestFiles, Promise<string[]>>();

/** A captured disk does not change. */
export const homesOf = (files: GuestFiles): Promise<string[]> => {
  const homes = known.get(files) ?? readHomes(files);
  known.set(files, homes);
  return homes;
};

const readHomes = async (files: GuestFiles): Promise<string[]> => {
  const passwd = (await files.text('/etc/passwd')) ?? '';
  const named = passwd.split('\n').map((line) => line.split(':')[5] ?? '');
  return [...new Set([...named.filter(isHome), '/root', ...(await glob(files, '/home/*'))])].sort();
};

/** Paths that match a pattern; one that begins with `~/` is looked for in every home. */
export const globInHomes = async (files: GuestFiles, pattern: string): Promise<string[]> => {
  if (!pattern.startsWith('~/')) return glob(files, pattern);
  const found: string[] = [];
  for (const home of await homesOf(files)) found.push(...(await glob(files, `${home}${pattern.slice(1)}`)));
  return [...new Set(found)];
};
