/** What the signed headers say of each path, in the terms of the comparison. */
import { posix } from 'node:path';
import type { FileTree } from '../../../capture/file-tree.ts';
import { capabilitiesOf } from '../../../formats/file-capabilities.ts';
import { realFolders } from '../../../inspect/owners.ts';
import type { Aspect, Expected } from '../../../trust/classes.ts';
import type { Names } from '../../../trust/names.ts';
import { COMPARED, FILE_FLAGS, type RpmFile } from '../rpm-files.ts';
import type { RpmRecord } from '../rpm-package.ts';

/** A package whose header somebody has signed that we trust; read of what was signed alone. */
export interface Held {
  readonly title: string;
  readonly record: RpmRecord;
}

export interface Expectations {
  /** By the path where it lies on the disk. */
  readonly expected: ReadonlyMap<string, readonly Expected[]>;
  /** Of files whose content only a digest tells that can be forged: by path, the package. */
  readonly unjudged: ReadonlyMap<string, string>;
  /** What their packages expect and do not bring: made or kept there by programs. */
  readonly ghosts: ReadonlyMap<string, Expected>;
  /** In what a file may be otherwise, as its package says. */
  readonly mayDiffer: ReadonlyMap<string, ReadonlySet<Aspect>>;
  /** Why a file may be missing, in words. */
  readonly mayBeMissing: ReadonlyMap<string, string>;
}

const SHA256 = 8;

export const expectationsOf = (
  held: readonly Held[],
  { tree, names }: { tree: FileTree; names: Names },
): Expectations => {
  const realFolder = realFolders(tree);
  const expected = new Map<string, Expected[]>();
  const unjudged = new Map<string, string>();
  const ghosts = new Map<string, Expected>();
  const mayDiffer = new Map<string, ReadonlySet<Aspect>>();
  const mayBeMissing = new Map<string, string>();
  for (const { title, record } of held)
    for (const file of record.fileList) {
      const path = posix.join(realFolder(posix.dirname(file.path)), posix.basename(file.path));
      const one = { package: title, ...expectedOf(file, names) };
      if ((file.flags & FILE_FLAGS.ghost) !== 0) {
        ghosts.set(path, one);
        continue;
      }
      if (one.type === 'file' && record.digestAlgorithm !== SHA256) {
        unjudged.set(path, title);
        continue;
      }
      expected.set(path, [...(expected.get(path) ?? []), one]);
      const free = aspectsNotCompared(file);
      if (free.size > 0) mayDiffer.set(path, free);
      const why = absenceOf(file);
      if (why !== undefined) mayBeMissing.set(path, why);
    }
  return { expected, unjudged, ghosts, mayDiffer, mayBeMissing };
};

/** S_IFREG and its neighbours of stat(2), shifted. */
const TYPES: Readonly<Record<number, Expected['type']>> = { 8: 'file', 10: 'link', 4: 'folder' };

const expectedOf = (file: RpmFile, names: Names): Omit<Expected, 'package'> => {
  const type = TYPES[file.mode >> 12] ?? 'other';
  const attribute = file.capabilities === undefined ? undefined : capabilitiesOf(file.capabilities);
  return {
    type,
    mode: file.mode & 0o7777,
    // rpm gives to root what belongs to somebody who is not there.
    uid: names.uid(file.user, 0),
    gid: names.gid(file.group, 0),
    size: file.size,
    ...(file.digest === undefined ? {} : { sha256: file.digest }),
    ...(type === 'link' ? { target: file.target ?? '' } : {}),
    ...deviceOf(file),
    ...(attribute === undefined ? {} : { attributes: { 'security.capability': attribute.toString('hex') } }),
    ...((file.flags & FILE_FLAGS.configuration) === 0 ? {} : { isConfiguration: true }),
  };
};

/** rpm keeps the number of a device in 16 bits. */
const deviceOf = ({ mode, device }: RpmFile): { readonly device?: string } => {
  const numbers = `${(device >> 8) & 0xff}:${device & 0xff}`;
  const kinds: Readonly<Record<number, string>> = { 1: 'pipe', 2: `character ${numbers}`, 6: `block ${numbers}` };
  const told = kinds[mode >> 12];
  return told === undefined ? {} : { device: told };
};

const aspectsNotCompared = ({ compared }: RpmFile): ReadonlySet<Aspect> =>
  new Set((Object.keys(COMPARED) as (keyof typeof COMPARED)[]).filter((aspect) => (compared & COMPARED[aspect]) === 0));

/** By what was signed: rpm's own note of what it left out is in nobody's signature. */
const absenceOf = ({ flags, language }: RpmFile): string | undefined => {
  if ((flags & FILE_FLAGS.mayBeMissing) !== 0) return 'rpm-may-be-missing';
  if ((flags & FILE_FLAGS.documentation) !== 0) return 'rpm-documentation';
  return language === undefined ? undefined : 'rpm-language';
};
