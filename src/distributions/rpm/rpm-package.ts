/** An installed rpm package, as its header tells it (the numbers of tags are those of rpm's rpmtag.h). */
import { parseRpmHeader, type RpmHeader } from '../../formats/packages/rpm-header.ts';
import type { PackageRecord, Relation } from '../../inspect/package-database.ts';
import { FILE_FLAGS, filesOf, type RpmFile } from './rpm-files.ts';

export interface RpmRecord extends PackageRecord {
  readonly vendor?: string;
  readonly fileList: readonly RpmFile[];
  /** As OpenPGP numbers them: 8 is SHA-256; 1, MD5, where the package says nothing. */
  readonly digestAlgorithm: number;
  /** The whole header: for whoever checks what it was signed with. */
  readonly header: RpmHeader;
  /** What `header` was read of. */
  readonly blob: Buffer;
}

/** Signatures and digests over the header, as the database keeps them. */
export const SIGNATURE_TAGS = { dsa: 267, rsa: 268, sha1: 269, sha256: 273, openpgp: 278 } as const;

const TAG = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  size: 1009,
  vendor: 1011,
  licence: 1014,
  packager: 1015,
  url: 1020,
  arch: 1022,
  sourceRpm: 1044,
  provides: 1047,
  requires: 1049,
  requireFlags: 1048,
  longSize: 5009,
  digestAlgorithm: 5011,
  recommends: 5046,
  suggests: 5049,
} as const;

const MD5 = 1;
/** Of a relation: for a script before installation, so that it has to be there first (RPMSENSE_PREREQ and SCRIPT_PRE). */
const BEFORE = (1 << 6) | (1 << 9);

/** Whether somebody asked for a package is not in rpm's own database. */
export const rpmRecord = (blob: Buffer, manual: boolean): RpmRecord => {
  const header = parseRpmHeader(blob);
  const text = (tag: number): string => header.string(tag) ?? '';
  const name = text(TAG.name);
  const architecture = header.string(TAG.arch) ?? 'noarch';
  const epoch = header.number(TAG.epoch);
  const plain = `${text(TAG.version)}-${text(TAG.release)}`;
  const version = epoch === undefined || epoch === 0 ? plain : `${epoch}:${plain}`;
  const fileList = filesOf(header);
  const [vendor, packager] = [header.string(TAG.vendor), header.string(TAG.packager)];
  const maintainer = vendor ?? packager;
  const [licence, homepage] = [header.string(TAG.licence), header.string(TAG.url)];
  return {
    name,
    version,
    architecture,
    ...sourceOf(header.string(TAG.sourceRpm), name, plain),
    size: header.number(TAG.longSize) ?? header.number(TAG.size) ?? 0,
    manual,
    essential: false,
    // A file is provided by being there.
    provides: [...new Set([...header.strings(TAG.provides), ...fileList.map(({ path }) => path)])],
    relations: relationsOf(header),
    // A ghost is what the package would remove: it is not there for having been installed.
    files: fileList.filter(({ flags }) => (flags & FILE_FLAGS.ghost) === 0).map(({ path }) => path),
    configuration: fileList.filter(({ flags }) => (flags & FILE_FLAGS.configuration) !== 0).map(({ path }) => path),
    ...(maintainer === undefined ? {} : { maintainer }),
    ...(homepage === undefined ? {} : { homepage }),
    ...(licence === undefined ? {} : { licence }),
    ...(vendor === undefined ? {} : { vendor }),
    fileList,
    digestAlgorithm: header.number(TAG.digestAlgorithm) ?? MD5,
    header,
    blob,
  };
};

/** `bash-5.1.8-6.el9.src.rpm`; a package without one is its own source. */
const sourceOf = (file: string | undefined, name: string, version: string) => {
  const [, source, sourceVersion] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(file ?? '') ?? [];
  return { source: source ?? name, sourceVersion: sourceVersion ?? version };
};

const relationsOf = (header: RpmHeader): Relation[] => {
  const flags = header.numbers(TAG.requireFlags);
  const hard = header.strings(TAG.requires).map((name, nth): Relation => {
    const isBefore = ((flags[nth] ?? 0) & BEFORE) !== 0;
    return { kind: isBefore ? 'pre-depends' : 'depends', anyOf: namesIn(name) };
  });
  const weak = (tag: number, kind: Relation['kind']) =>
    header.strings(tag).map((name): Relation => ({ kind, anyOf: namesIn(name) }));
  const all = [...hard, ...weak(TAG.recommends, 'recommends'), ...weak(TAG.suggests, 'suggests')];
  const seen = new Set<string>();
  return all.filter(({ kind, anyOf }) => {
    const key = `${kind} ${anyOf.join('|')}`;
    // What rpm itself has to be able to do is no package.
    if (anyOf.length === 0 || anyOf[0]?.startsWith('rpmlib(') || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};

/** A rich dependency, `(a or b)`, is told by the names in it; one with a condition is no reason by itself. */
const namesIn = (requirement: string): string[] => {
  if (!requirement.startsWith('(')) return [requirement];
  if (/\s(if|unless|with|without|and)\s/.test(requirement)) return [];
  return requirement
    .replaceAll(/^\(|\)$/g, '')
    .split(/\s+or\s+/)
    .map((part) => part.trim().split(/\s+/)[0] ?? '')
    .filter((name) => name !== '');
};
