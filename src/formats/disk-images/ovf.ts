/**
 * What an OVF envelope (DMTF DSP0243) says about its disks: as much of XML as that needs, read once from start to end. It names
 * files; nothing in it is followed, and a document type, by which XML names other things, is refused.
 */
import { IngotError } from '../../errors.ts';

export interface OvfDisk {
  /** The file next to the descriptor, as it names it. */
  readonly href: string;
  readonly compression: 'gzip' | 'identity';
}

/** The one disk with content of the first DiskSection. Throws `origin.ovf-invalid` or `origin.image-several-disks`. */
export const ovfDisk = (text: string, where: string): OvfDisk => {
  const { files, disks } = readEnvelope(text, where);
  // A disk without a file is an empty one that is made at deployment.
  const [disk, another] = disks.filter((one) => one.has('fileRef'));
  if (disk === undefined) throw invalid('it names no disk with content', where);
  if (another !== undefined)
    throw new IngotError('origin.image-several-disks', 'the machine has several disks with content', {
      where,
      hint: 'An origin has one disk. Export the machine with only its system disk.',
    });
  const [file, twin] = files.filter((one) => one.get('id') === disk.get('fileRef'));
  const href = file?.get('href');
  if (file === undefined || href === undefined || twin !== undefined)
    throw invalid(`it does not say which file is ${disk.get('fileRef')}`, where);
  if (file.has('chunkSize')) throw invalid('its disk is cut into several files', where);
  const compression = file.get('compression') || 'identity';
  if (compression !== 'gzip' && compression !== 'identity')
    throw invalid(`its disk is compressed with ${compression}`, where);
  return { href, compression };
};

/** By their names without prefix. */
type Attributes = ReadonlyMap<string, string>;

/** Comments and CDATA; a tag, with what stands before its name; or a `<` that is none of these. */
const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<([!?/]?)(?:[\w.-]+:)?([\w.-]*)((?:[^<>"']|"[^"<]*"|'[^'<]*'){0,8192})>|</g;

const readEnvelope = (
  text: string,
  where: string,
): { readonly files: readonly Attributes[]; readonly disks: readonly Attributes[] } => {
  const files: Attributes[] = [];
  const disks: Attributes[] = [];
  let section: 'before' | 'inside' | 'after' = 'before';
  for (const [token, mark, name, attributes = ''] of text.matchAll(TOKEN)) {
    if (token === '<') throw invalid('it is no XML', where);
    if (mark === '!') throw invalid('it has a document type of its own', where);
    if (mark === '/' && name === 'DiskSection' && section === 'inside') section = 'after';
    if (mark !== '') continue;
    if (name === 'DiskSection' && section === 'before') section = 'inside';
    if (name === 'File') files.push(attributesOf(attributes));
    if (name === 'Disk' && section === 'inside') disks.push(attributesOf(attributes));
  }
  if (section !== 'after') throw invalid('it has no DiskSection', where);
  return { files, disks };
};

const ATTRIBUTE = /(?:[\w.-]+:)?([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

const attributesOf = (text: string): Attributes =>
  new Map([...text.matchAll(ATTRIBUTE)].map(([, key = '', one, other]) => [key, decoded(one ?? other ?? '')]));

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const decoded = (value: string): string =>
  value.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name) => ENTITIES[String(name)] ?? '');

const invalid = (what: string, where: string): IngotError =>
  new IngotError('origin.ovf-invalid', `the OVF descriptor cannot be used: ${what}`, {
    where,
    hint: 'Is the OVA whole? Export the machine again, or take its disk out with tar(1) and name that as the image.',
  });
