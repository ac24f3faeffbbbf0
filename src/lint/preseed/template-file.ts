/** debconf `templates` files: as packages carry them, and as sources do before po-debconf took their underscores. */
import type { Template } from './templates.ts';

/** All questions of a file. Translated fields and descriptions are passed over. */
export const parseTemplates = (text: string, component: string): Template[] => {
  const found: Template[] = [];
  for (const stanza of text.split(/\n(?:[ \t\r]*\n)+/)) {
    const fields = fieldsOf(stanza);
    const name = fields.get('template');
    const type = fields.get('type');
    if (name === undefined || type === undefined) continue;
    // Texts are shown, not asked; but some answers that are only ever preseeded are declared as a text.
    if ((type === 'text' || type === 'title') && !fields.get('description')?.includes('preseed')) continue;
    const choices = choicesOf(fields.get('choices-c') ?? fields.get('choices'), type);
    // A default that names a host is of one archive and says nothing of the question.
    const preset = fields.get('default')?.replace(/^[@$].*|^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, '');
    found.push({
      name,
      type,
      ...(choices === undefined ? {} : { choices }),
      ...(preset === undefined || preset === '' ? {} : { default: preset }),
      component,
    });
  }
  return found;
};

const FIELDS = /^_{0,2}(Template|Type|Choices-C|Choices|Default|Description):[ \t]*(.*)$/i;

const fieldsOf = (stanza: string): ReadonlyMap<string, string> => {
  const fields = new Map<string, string>();
  for (const line of stanza.split('\n')) {
    const [, name, value = ''] = FIELDS.exec(line) ?? [];
    if (name !== undefined) fields.set(name.toLowerCase(), value.trim());
  }
  return fields;
};

/** A list with a `${substitution}` in it is made at run time. */
const choicesOf = (list: string | undefined, type: string): string[] | undefined => {
  if (!type.endsWith('select') || list === undefined || list === '' || list.includes('${')) return undefined;
  return splitChoices(list);
};

/** Commas divide; `\,` is a comma, a blank after a comma is none of the value (debconf-devel(7), "Choices"). */
export const splitChoices = (list: string): string[] =>
  (list.match(/(?:\\.|[^,\\])+/g) ?? []).map((choice) => choice.replaceAll(/\\(.)/g, '$1').trim()).filter(Boolean);
