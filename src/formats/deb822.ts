/** Stanzas of "Name: value" fields, the syntax of Debian's indexes, releases and sources (deb822(5)). */

/** Field names in lower case; continuation lines joined by \n without their first blank. */
export type Stanza = ReadonlyMap<string, string>;

/** Comment lines (#) and empty stanzas are passed over. */
export const parseStanzas = (text: string): Stanza[] =>
  text
    .split(/\n[ \t\r]*(?:\n[ \t\r]*)+/)
    .map(parseStanza)
    .filter((stanza) => stanza.size > 0);

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

/** The words of a field that lists things: blanks and line ends divide them. */
export const words = (value: string | undefined): string[] => (value ?? '').split(/\s+/).filter((word) => word !== '');
