/** What rules may ask about the image and its signed packages. */
import { posix } from 'node:path';
import type { FileNode, FileTree } from '../../../capture/file-tree.ts';
import type { GuestFiles } from '../../../capture/guest-files.ts';
import type { Classed, Expected } from '../../../trust/classes.ts';
import type { Digests } from '../../../trust/digests.ts';
import type { Said } from '../../../trust/evidence.ts';
import type { Names } from '../../../trust/names.ts';
import type { RuleFacts } from '../../../trust/rule.ts';
import type { Expectations, Held } from './expectations.ts';
import { type NamesByDigest, namesByDigest } from './initramfs.ts';
import type { FindListed } from './listed.ts';
import type { Scripts } from './spelt.ts';

export interface DebianFacts extends RuleFacts {
  readonly tree: FileTree;
  readonly files: GuestFiles;
  /** What lies at a path that may be written as before usr-merge; with `last`, links at its end are followed as well. */
  readonly at: (path: string, last?: 'followed') => FileNode | undefined;
  readonly digest: (file: FileNode) => string | undefined;
  /** What signed packages say of a path; it may be written as before usr-merge. */
  readonly signed: (path: string) => Expected | undefined;
  /** A package has what lies there, links followed; if it is not as it should be, that is told of the file itself. */
  readonly isOfPackage: (path: string) => boolean;
  /** The same, and it is as its package has it: what other files may be held against. */
  readonly isVerified: (path: string) => boolean;
  /** Of a file that is small. Empty when it is not there. */
  readonly text: (path: string) => Promise<string>;
  /** Paths of verified files below a folder. */
  readonly verifiedBelow: (folder: string) => readonly string[];
  /** A signed package, by its name alone, has a file with this digest. */
  readonly isInPackage: (name: string, sha256: string | undefined) => boolean;
  /** A link of this name leads to such a one, in whatever folders of the disk. */
  readonly isLink: (name: string, target: string) => boolean;
  /** Made once, when it is first asked for. */
  readonly namesByDigest: () => NamesByDigest;
  readonly scripts: Scripts;
  readonly installed: ReadonlySet<string>;
  /** Packages that the image is held against. */
  readonly held: readonly Held[];
  /** What indexes that are believed say of a package. */
  readonly listed: FindListed;
  readonly said: Said | undefined;
}

interface Known {
  readonly tree: FileTree;
  readonly files: GuestFiles;
  readonly digests: Digests;
  readonly expected: Expectations;
  readonly verified: ReadonlyMap<string, Classed>;
  readonly names: Names;
  readonly scripts: Scripts;
  readonly installed: ReadonlySet<string>;
  readonly held: readonly Held[];
  readonly listed: FindListed;
  readonly said?: Said | undefined;
}

const MOST_LINKS = 10;

export const debianFacts = (known: Known): DebianFacts => {
  const { tree, files, digests, expected, verified, names, scripts, installed, held, listed, said } = known;
  /** The path with every link on the way followed, the last one too. */
  const real = (path: string, links = 0): string => {
    if (links > MOST_LINKS) return path;
    const parts = path.split('/').filter((part) => part !== '');
    let here = '';
    for (const [nth, part] of parts.entries()) {
      here = `${here}/${part}`;
      const target = tree.get(here)?.target;
      if (target === undefined) continue;
      const rest = parts.slice(nth + 1).join('/');
      return real(posix.join(posix.resolve(posix.dirname(here), target), rest), links + 1);
    }
    return here;
  };
  let byDigest: NamesByDigest | undefined;
  let contents: ReadonlySet<string> | undefined;
  let links: ReadonlySet<string> | undefined;
  return {
    isLink(name, target) {
      links ??= new Set(
        [...tree.values()].flatMap((one) =>
          one.target === undefined ? [] : [`${posix.basename(one.path)}/${posix.basename(one.target)}`],
        ),
      );
      return links.has(`${name}/${target}`);
    },
    ownerOf: names.ownerOf,
    namesByDigest() {
      byDigest ??= namesByDigest(expected, tree, digests);
      return byDigest;
    },
    isInPackage(name, sha256) {
      contents ??= new Set(
        [...expected.values()].flat().map((one) => `${one.package.replace(/ .*/, '')} ${one.sha256}`),
      );
      return sha256 !== undefined && contents.has(`${name} ${sha256}`);
    },
    tree,
    files,
    scripts,
    installed,
    held,
    listed,
    said,
    at: (path, last) =>
      tree.get(last === undefined ? posix.join(real(posix.dirname(path)), posix.basename(path)) : real(path)),
    digest: ({ identity }) => digests.get(identity),
    signed: (path) => expected.get(posix.join(real(posix.dirname(path)), posix.basename(path)))?.[0],
    isOfPackage: (path) => expected.has(real(path)) && tree.get(real(path))?.type === 'file',
    isVerified: (path) => verified.get(real(path))?.class === 'verified' && tree.get(real(path))?.type === 'file',
    text: async (path) => (await files.text(path)) ?? '',
    verifiedBelow: (folder) =>
      [...verified.keys()].filter((path) => path.startsWith(`${folder}/`) && tree.get(path)?.type === 'file'),
  };
};
