/** What the signed packages say of each path of the disk, where their files really lie there. */
import { posix } from 'node:path';
import type { FileTree } from '../../../capture/file-tree.ts';
import { parseStanza } from '../../../formats/packages/deb822.ts';
import { sha256 } from '../../../host/files.ts';
import { realFolders } from '../../../inspect/owners.ts';
import type { Expected } from '../../../trust/classes.ts';
import type { Names } from '../../../trust/names.ts';
import { nameInDatabase, parseConffiles } from '../unpacked/dpkg-database.ts';
import { AMENDMENTS } from './amendments.ts';
import type { Diversion, Override } from './diversions.ts';
import type { Member, PackageContent } from './package-content.ts';

export interface Held {
  /** `openssl`. */
  readonly name: string;
  /** `openssl 3.0.22-1~deb12u2`. */
  readonly title: string;
  /** Of the .deb. */
  readonly sha256: string;
  readonly content: PackageContent;
}

interface Context {
  readonly tree: FileTree;
  readonly names: Names;
  readonly diversions: readonly Diversion[];
  readonly overrides: readonly Override[];
}

export type Expectations = ReadonlyMap<string, readonly Expected[]>;

export const expectationsOf = (
  held: readonly Held[],
  { tree, names, diversions, overrides }: Context,
): Expectations => {
  const realFolder = realFolders(tree);
  const place = (path: string) => posix.join(realFolder(posix.dirname(path)), posix.basename(path));
  const found = new Map<string, Expected[]>();
  const put = (path: string, one: Expected) => {
    const known = found.get(path);
    if (known === undefined) found.set(path, [one]);
    else known.push(one);
  };
  const diverted = new Map(diversions.map((one) => [one.from, one]));
  for (const { name, title, content } of held) {
    const conffiles = new Set(
      parseConffiles(content.files['conffiles']?.content ?? '').flatMap(({ path, isGone }) => (isGone ? [] : [path])),
    );
    const byPath = new Map(content.members.map((one) => [one.path, one]));
    for (const member of content.members) {
      const diversion = diverted.get(member.path);
      const path = diversion === undefined || diversion.by === name ? member.path : diversion.to;
      const one = expectedOf(member, byPath, names);
      put(place(path), { ...one, package: title, ...(conffiles.has(member.path) ? { isConfiguration: true } : {}) });
    }
    for (const [path, one] of controlFiles(content, title)) put(path, one);
  }
  for (const { path, owner, mode, attributes } of AMENDMENTS) amend(found, names, { path, owner, mode, attributes });
  for (const { path, user, group, mode } of overrides)
    amend(found, names, { path: place(path), owner: `${user}:${group}`, mode });
  return found;
};

/** A further way in which the file may be. */
const amend = (
  found: Map<string, Expected[]>,
  names: Names,
  {
    path,
    owner,
    mode,
    attributes,
  }: { path: string; owner?: string | undefined; mode?: number | undefined; attributes?: Expected['attributes'] },
): void => {
  const known = found.get(path);
  const [first] = known ?? [];
  if (known === undefined || first === undefined) return;
  const [user, group] = owner?.split(':') ?? [];
  known.push({
    ...first,
    mode: mode ?? first.mode,
    uid: names.uid(user, first.uid),
    gid: names.gid(group, first.gid),
    ...(attributes === undefined ? {} : { attributes }),
  });
};

const TYPES: Readonly<Record<Member['type'], Expected['type']>> = {
  File: 'file',
  Link: 'file',
  SymbolicLink: 'link',
  Directory: 'folder',
  CharacterDevice: 'other',
  BlockDevice: 'other',
  FIFO: 'other',
};

const expectedOf = (member: Member, byPath: ReadonlyMap<string, Member>, names: Names): Omit<Expected, 'package'> => {
  // A further name of a file has nothing of its own.
  const one =
    member.type === 'Link' ? (byPath.get(`/${(member.linkpath ?? '').replace(/^\.?\/+/, '')}`) ?? member) : member;
  return {
    type: TYPES[one.type],
    mode: one.mode,
    uid: names.uid(one.uname, one.uid),
    gid: names.gid(one.gname, one.gid),
    size: one.size,
    ...(one.sha256 === undefined ? {} : { sha256: one.sha256 }),
    ...(one.type === 'SymbolicLink' ? { target: one.linkpath ?? '' } : {}),
    ...deviceOf(one),
  };
};

const deviceOf = ({ type, device = [0, 0] }: Member): { readonly device?: string } => {
  if (type === 'FIFO') return { device: 'pipe' };
  if (type === 'CharacterDevice') return { device: `character ${device.join(':')}` };
  return type === 'BlockDevice' ? { device: `block ${device.join(':')}` } : {};
};

/** dpkg keeps the control files as they came, and a list of the paths: all of it is known from the signed package. */
const controlFiles = (content: PackageContent, title: string): [string, Expected][] => {
  const name = nameInDatabase({ text: content.control, fields: parseStanza(content.control), files: new Map() });
  const file = (kind: string, text: string, mode: number): [string, Expected] => {
    const bytes = Buffer.from(text, 'latin1');
    const own = { type: 'file', mode, uid: 0, gid: 0, size: bytes.length, sha256: sha256(bytes) } as const;
    return [`/var/lib/dpkg/info/${name}.${kind}`, { package: title, ...own }];
  };
  const list = ['/.', ...content.members.map(({ path }) => path)].map((path) => `${path}\n`).join('');
  const sums = content.members
    .filter(({ md5 }) => md5 !== undefined)
    .map(({ md5, path }) => `${md5}  ${path.slice(1)}\n`);
  return [
    // dpkg makes them for a package without, also for one that has no files at all (src/main/archives.c).
    ...(content.files['md5sums'] === undefined
      ? [file('md5sums', Buffer.from(sums.join('')).toString('latin1'), 0o644)]
      : []),
    file('list', Buffer.from(list).toString('latin1'), 0o644),
    ...Object.entries(content.files).map(([kind, one]) => file(kind, one.content, one.mode)),
  ];
};
