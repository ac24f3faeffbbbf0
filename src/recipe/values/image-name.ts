/**
 * What the name of a published image says about it: `disk.raw.xz`, `disk.tar.gz`, `machine.ova`. A format is named, by the
 * recipe or by this, and then compared with the file. Nothing guesses it, since whoever writes a disk can write the mark of
 * any format to its first bytes.
 */
import { posix } from 'node:path';
import { IngotError } from '../../errors.ts';
import type { Expandable } from '../../formats/compression/expand-file.ts';
import type { DiskFormatName } from '../../formats/disk-images/disk-image.ts';
import type { IntakeFormat } from '../schema/origin-schema.ts';

export interface NamedImage {
  readonly compression: Expandable | undefined;
  readonly container: 'tar' | 'ova' | undefined;
  /** Undefined where neither says it; inside a container its own names count too. */
  readonly format: DiskFormatName | undefined;
}

const COMPRESSIONS: Readonly<Record<string, Expandable>> = {
  gz: 'gzip',
  xz: 'xz',
  zst: 'zstd',
  tgz: 'gzip',
  txz: 'xz',
};
const FORMATS: Readonly<Record<string, DiskFormatName>> = {
  qcow2: 'qcow2',
  raw: 'raw',
  vmdk: 'vmdk',
  vhd: 'vpc',
  vpc: 'vpc',
  vhdx: 'vhdx',
  vdi: 'vdi',
};

const isDiskFormat = (format: IntakeFormat): format is Exclude<IntakeFormat, 'ova' | 'vhd'> =>
  format !== 'ova' && format !== 'vhd';

/** Throws `origin.image-name` for what QEMU would not take for a file. */
export const requireFileName = (path: string): void => {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(path)) return;
  throw new IngotError('origin.image-name', `${path} is not the name of a file`, {
    hint: 'Name a file on this host; what QEMU knows as json:, nbd: or ssh: is not taken.',
  });
};

/** Throws the same, and `origin.image-format-differs`. */
export const readImageName = (path: string, format: IntakeFormat | undefined): NamedImage => {
  requireFileName(path);
  const parts = posix.basename(path).toLowerCase().split('.').slice(1);
  const last = parts.at(-1) ?? '';
  const compression = Object.hasOwn(COMPRESSIONS, last) ? COMPRESSIONS[last] : undefined;
  const isTar =
    last === 'tgz' || last === 'txz' || (compression !== undefined && parts.at(-2) === 'tar') || last === 'tar';
  const inner = (compression === undefined ? last : parts.at(-2)) ?? '';
  const named = Object.hasOwn(FORMATS, inner) ? FORMATS[inner] : undefined;
  const given = format === undefined ? undefined : isDiskFormat(format) ? format : format === 'vhd' ? 'vpc' : 'ova';
  const isOva = given === 'ova' || inner === 'ova';
  // A `format` given with an OVA is that of its disk.
  if (given !== undefined && named !== undefined && given !== named)
    throw differs(path, `its name says ${named}, the recipe ${given}`);
  return {
    compression,
    container: isOva ? 'ova' : isTar ? 'tar' : undefined,
    format: given === 'ova' ? undefined : (given ?? named),
  };
};

/** What the name of a file inside a container says. */
export const formatOfName = (name: string): DiskFormatName | undefined => {
  const extension = name.toLowerCase().split('.').slice(1).at(-1) ?? '';
  return Object.hasOwn(FORMATS, extension) ? FORMATS[extension] : undefined;
};

export const differs = (where: string, what: string): IngotError =>
  new IngotError('origin.image-format-differs', `the image is not of the format that is named: ${what}`, {
    where,
    hint: 'Say in the recipe which format it is (`format: qcow2`), when you know; else fetch the file again: a page or another file may have come.',
  });

/** The name that a publisher's sums have for what is at this path or URL. */
export const publishedName = (address: string): string => {
  const isUrl = /^https?:\/\//.test(address);
  const path = isUrl ? address.replace(/[?#].*$/, '') : address;
  const name = path.slice(path.lastIndexOf('/') + 1);
  try {
    return isUrl ? decodeURIComponent(name) : name;
  } catch {
    return name;
  }
};
