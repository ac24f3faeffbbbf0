/** debconf `templates` files (debconf-devel(7)): as packages carry them, and as sources do before po-debconf took their underscores. */
import { parseStanzas } from './deb822.ts';

export interface DebconfTemplate {
  readonly name: string;
  readonly type: string;
  /** Values that a select or multiselect takes, untranslated; absent when they are made at run time. */
  readonly choices?: readonly string[];
  /** As written; absent when there is none. */
  readonly default?: string;
  /** Untranslated: the short line, and the paragraphs below it, each with the line ends that it has. */
  readonly description: string;
}

/** All questions and texts of a file. Translated fields are passed over. */
export const parseDebconfTemplates = (text: string): DebconfTemplate[] =>
  parseStanzas(text).flatMap((stanza) => {
    // What po-debconf translates is marked by one underscore, what it translates item by item by two.
    const field = (name: string) => stanza.get(name) ?? stanza.get(`_${name}`) ?? stanza.get(`__${name}`);
    const [name, type] = [field('template'), field('type')];
    if (name === undefined || type === undefined) return [];
    const choices = choicesOf(field('choices-c') ?? field('choices'), type);
    const preset = field('default');
    return [
      {
        name,
        type,
        ...(choices === undefined ? {} : { choices }),
        ...(preset === undefined ? {} : { default: firstLine(preset) }),
        description: field('description') ?? '',
      },
    ];
  });

/** A value is on the line of its field: what follows counts for descriptions only (Debconf::Template). */
const firstLine = (value: string): string => value.split('\n', 1)[0] ?? '';

/** A list with a `${substitution}` in it is made at run time. */
const choicesOf = (value: string | undefined, type: string): string[] | undefined => {
  const list = firstLine(value ?? '');
  return !type.endsWith('select') || list === '' || list.includes('${') ? undefined : splitChoices(list);
};

/** Commas divide; `\,` is a comma, a blank after a comma is not part of the value (debconf-devel(7), "Choices"). */
export const splitChoices = (list: string): string[] =>
  (list.match(/(?:\\.|[^,\\])+/g) ?? []).map((choice) => choice.replaceAll(/\\(.)/g, '$1').trim()).filter(Boolean);
