/** Stanzas of "Name: value" fields, the syntax of Debian's indexes, releases and sources (deb822(5)). */

/** Field names in lower case; continuation lines joined by \n without their first blank. */
export type Stanza = ReadonlyMap<string, string>;

/** Comment lines (#) and empty stanzas are passed over. */
export const parseStanzas = (text: string): Stanza[] =>
  splitStanzas(text)
    .map(parseStanza)
    .filter((stanza) => stanza.size > 0);

/** As they are written, where their text has to stay the same. */
export const splitStanzas = (text: string): string[] => text.split(/\n[ \t\r]*(?:\n[ \t\r]*)+/);

export const parseStanza = (text: string): Stanza => {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.trim() === '') continue;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (name !== '') fields.set(name, `${fields.get(name) ?? ''}\n${line.slice(1).trimEnd()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    name = line.slice(0, colon).toLowerCase();
    fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
};

/** A stanza of these fields, without those that have no value. A value may have several lines: the first one follows the name. */
export const renderStanza = (fields: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}:${fieldValue(value)}\n`]))
    .join('');

/** Lines after the first one begin with a blank; an empty one would end the stanza, and is a full stop. */
const fieldValue = (value: string): string => {
  const [first = '', ...rest] = value.split('\n');
  return [first === '' ? '' : ` ${first}`, ...rest.map((line) => ` ${line === '' ? '.' : line}`)].join('\n');
};

/** The words of a field that lists things: blanks and line ends divide them. */
export const words = (value: string | undefined): string[] => (value ?? '').split(/\s+/).filter((word) => word !== '');
