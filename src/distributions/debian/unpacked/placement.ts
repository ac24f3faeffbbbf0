/** Where a file of a package lies in the image: on a system with a merged /usr, each path once. */

import type { TarEntry } from '../../../formats/archives/tar.ts';
import { NeedsDpkg } from './dpkg-database.ts';

/** What lies in the image so far: files with the package they came from. */
export interface Placed {
  readonly directories: Set<string>;
  readonly files: Map<string, string>;
  /** Files under a name that /usr has taken over, `/lib/x`, with the package they came from. */
  readonly oldNames: Map<string, string>;
  /** Packages that divert such names. */
  readonly keepers: Set<string>;
}

/** Where an entry goes in the image; undefined when it is there already. Throws `NeedsDpkg` for what dpkg would have to decide. */
export const placeEntry = (
  entry: TarEntry,
  {
    owner,
    conffiles,
    placed,
  }: { readonly owner: string; readonly conffiles: ReadonlySet<string>; readonly placed: Placed },
): TarEntry | undefined => {
  const path = merged(entry.path);
  if (entry.type === 'Directory') {
    if (path === '' || ALIASES.has(entry.path) || placed.directories.has(path)) return undefined;
    if (placed.files.has(path))
      throw new NeedsDpkg(`/${path} is a file of ${placed.files.get(path)} and a folder here`);
    placed.directories.add(path);
    return { ...entry, path };
  }
  if (ALIASES.has(entry.path)) return undefined;
  const other = placed.files.get(path);
  if (other !== undefined || placed.directories.has(path))
    throw new NeedsDpkg(`/${path} is in ${other ?? 'another package'} too`);
  placed.files.set(path, owner);
  if (path !== entry.path) placed.oldNames.set(entry.path, owner);
  const isConffile = conffiles.has(`/${entry.path}`);
  if (entry.type !== 'Link') return { ...entry, path: isConffile ? `${path}.dpkg-new` : path };
  const target = (entry.linkpath ?? '').replace(/^\.?\/+/, '');
  if (isConffile || conffiles.has(`/${target}`)) throw new NeedsDpkg(`the conffile /${entry.path} is a hard link`);
  return { ...entry, path, linkpath: merged(target) };
};

/** Folders that are links into /usr on the installed system; the installer makes them first. */
const ALIASES = new Set(['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']);

const merged = (path: string): string => (ALIASES.has(path.split('/')[0] ?? '') ? `usr/${path}` : path);
