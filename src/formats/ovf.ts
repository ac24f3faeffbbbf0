/**
 * What an OVF envelope (DMTF DSP0243) says of its disks: as much of XML as that takes. It names files; nothing in it is
 * followed, and a document type, by which XML names other things, is refused.
 */
import { IngotError } from '../errors.ts';

export interface OvfDisk {
  /** The file beside the descriptor, as it names it. */
  readonly href: string;
  readonly compression: 'gzip' | 'identity';
}

/** The one disk with content. Throws `origin.ovf-invalid` or `origin.image-several-disks`. */
export const ovfDisk = (text: string, where: string): OvfDisk => {
  const xml = text.replaceAll(/<!--[\s\S]*?-->/g, '');
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw invalid('it has a document type of its own', where);
  const section = /<(?:\w+:)?DiskSection\b[^>]*>([\s\S]*?)<\/(?:\w+:)?DiskSection>/.exec(xml)?.[1];
  if (section === undefined) throw invalid('it has no DiskSection', where);
  // A disk without a file is an empty one that is made at deployment.
  const disks = elements(section, 'Disk').filter((disk) => disk.has('fileRef'));
  const [disk, another] = disks;
  if (disk === undefined) throw invalid('it names no disk with content', where);
  if (another !== undefined)
    throw new IngotError('origin.image-several-disks', `the machine has ${disks.length} disks with content`, {
      where,
      hint: 'An origin has one disk. Export the machine with its system disk alone.',
    });
  const file = elements(xml, 'File').filter((one) => one.get('id') === disk.get('fileRef'));
  const [only] = file;
  const href = only?.get('href');
  if (only === undefined || href === undefined || file.length > 1)
    throw invalid(`it does not say which file is ${disk.get('fileRef')}`, where);
  if (only.has('chunkSize')) throw invalid('its disk is cut into several files', where);
  const compression = only.get('compression') ?? 'identity';
  if (compression !== 'gzip' && compression !== 'identity' && compression !== '')
    throw invalid(`its disk is compressed with ${compression}`, where);
  return { href, compression: compression === 'gzip' ? 'gzip' : 'identity' };
};

const ATTRIBUTE = /(?:[\w.-]+:)?([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The attributes of each element of this name, by their names without prefix. */
const elements = (xml: string, name: string): ReadonlyMap<string, string>[] =>
  [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}(?=[\\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>`, 'g'))].map(
    ([, attributes = '']) =>
      new Map(
        [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', one, other]) => [key, decoded(one ?? other ?? '')]),
      ),
  );

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};
const decoded = (value: string): string =>
  value.replaceAll(/&(?:lt|gt|quot|apos|amp);/g, (one) => ENTITIES[one] ?? one);

const invalid = (what: string, where: string): IngotError =>
  new IngotError('origin.ovf-invalid', `the OVF descriptor cannot be used: ${what}`, {
    where,
    hint: 'Is the OVA whole? Export the machine again, or take its disk out with tar(1) and name that as the image.',
  });
