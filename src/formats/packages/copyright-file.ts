/**
 * Debian's copyright files in their machine-readable form (copyright-format 1.0, known as DEP-5): which licences are named for the
 * files of a package, and the texts that stand there. A file in another form says nothing that can be read for certain.
 */
import { parseStanzas } from './deb822.ts';

export interface CopyrightFile {
  /** What `License` fields say of files, each once, in their order: `GPL-2+ or Artistic`. */
  readonly licences: readonly string[];
  /** By what is said: the text that stands below it. */
  readonly texts: ReadonlyMap<string, string>;
}

const FORMAT = /copyright-format\/1\.0|\bdep\/?(?:5|dep5)\b|dep5/i;

/** Undefined for a copyright file of any other form. */
export const parseCopyright = (content: string): CopyrightFile | undefined => {
  const [header, ...stanzas] = parseStanzas(content);
  if (header === undefined || !FORMAT.test(header.get('format') ?? header.get('format-specification') ?? ''))
    return undefined;
  const texts = new Map<string, string>();
  const ofFiles = new Set<string>();
  for (const stanza of [header, ...stanzas]) {
    const { said, text } = licenceField(stanza.get('license'));
    if (said === '') continue;
    if (text !== '' && !texts.has(said)) texts.set(said, text);
    if (stanza.has('files')) ofFiles.add(said);
  }
  const { said: ofAll } = licenceField(header.get('license'));
  return { licences: ofFiles.size > 0 ? [...ofFiles] : ofAll === '' ? [] : [ofAll], texts };
};

/** The first line names, the others are the text, in which a full stop is an empty line. */
const licenceField = (value = ''): { readonly said: string; readonly text: string } => {
  const [said = '', ...lines] = value.split('\n');
  return {
    said: said.trim().replaceAll(/\s+/g, ' '),
    text: lines
      .map((line) => (line === '.' ? '' : line))
      .join('\n')
      .trim(),
  };
};
