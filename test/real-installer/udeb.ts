/** A udeb as an index names it, and how one is made from a folder. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PackageEntry } from '../../src/distributions/debian/archive/package-index.ts';
import { parseStanza, type Stanza } from '../../src/formats/packages/deb822.ts';
import { digestFile } from '../../src/host/digest.ts';
import { fileRef } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';

export interface Udeb {
  readonly name: string;
  /** On this host. */
  readonly file: string;
  readonly sha256: string;
  /** Below the archive's base. */
  readonly filename: string;
  /** As it stands in an index. */
  readonly stanza: string;
  readonly fields: Stanza;
  /** What it was repacked from; undefined for Debian's own file. */
  readonly from: string | undefined;
}

/** Those that are not Debian's own files. */
export const repackedOf = (udebs: Iterable<Udeb>): { readonly name: string; readonly from: string }[] =>
  [...udebs].flatMap(({ name, from }) => (from === undefined ? [] : [{ name, from }]));

/** Debian's own, as fetched and checked. */
export const ownUdeb = (entry: PackageEntry, file: string): Udeb => ({
  name: entry.name,
  file,
  sha256: entry.sha256,
  filename: entry.filename,
  stanza: entry.text,
  fields: entry.fields,
  from: undefined,
});

/** What a control file of a udeb holds, in dpkg's order. */
const FIELDS = [
  ...['Package', 'Source', 'Version', 'Kernel-Version', 'Architecture', 'Maintainer', 'Depends', 'Provides'],
  ...['Enhances', 'Section', 'Priority', 'Installer-Menu-Item', 'Subarchitecture', 'Description'],
];

export type Changes = Readonly<Record<string, string | undefined>>;

/** A control file of the fields of another, with changes: undefined leaves a field out. */
export const renderControl = (fields: Stanza, changes: Changes = {}): string =>
  FIELDS.flatMap((name) => {
    const value = name in changes ? changes[name] : fields.get(name.toLowerCase());
    if (value === undefined || value === '') return [];
    // Continuation lines begin with a blank; main-menu shows the first one only.
    return [`${name}: ${name === 'Description' ? value.split('\n')[0] : value.replaceAll('\n', ' ')}\n`];
  }).join('');

/** Time stamps in the packages that are made here. */
const EPOCH = '1700000000';

export type Packing = 'small' | 'quick';

/** `dpkg-deb --build`: the same folder gives the same file. */
export const packUdeb = async (folder: string, file: string, packing: Packing, signal?: AbortSignal): Promise<void> => {
  const compression = packing === 'small' ? ['-Zxz'] : ['-Zgzip', '-z1'];
  await run('dpkg-deb', [...compression, '--root-owner-group', '--build', folder, file], {
    env: { SOURCE_DATE_EPOCH: EPOCH },
    signal,
  });
};

/** Describes a file that was made, with its control file, as an index does. */
export const describeUdeb = async (file: string, control: string, filename: string, from: string): Promise<Udeb> => {
  const { size, sha256 } = await fileRef(file);
  const md5 = await digestFile(file, 'md5');
  const stanza = [control.trim(), `Filename: ${filename}`, `Size: ${size}`, `MD5sum: ${md5}`, `SHA256: ${sha256}`].join(
    '\n',
  );
  const fields = parseStanza(stanza);
  return { name: fields.get('package') ?? '', file, sha256, filename, stanza, fields, from };
};

export const udebFileName = (control: string): string => {
  const fields = parseStanza(control);
  const version = (fields.get('version') ?? '').replace(/^\d+:/, '');
  return `${fields.get('package')}_${version}_${fields.get('architecture')}.udeb`;
};

/** Puts the control files into a folder that becomes a udeb. */
export const writeControl = async (
  folder: string,
  control: string,
  others: readonly { readonly from: string; readonly mode?: number }[] = [],
): Promise<void> => {
  await mkdir(join(folder, 'DEBIAN'), { recursive: true });
  await writeFile(join(folder, 'DEBIAN/control'), control);
  for (const { from } of others) await copyFile(from, join(folder, 'DEBIAN', basename(from)));
};
