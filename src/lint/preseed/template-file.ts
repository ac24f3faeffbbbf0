/** What the linter keeps of a debconf `templates` file: the questions that an answer file can answer. */
import { parseDebconfTemplates } from '../../formats/packages/debconf-templates.ts';
import type { Template } from './templates.ts';

/** All questions of a file; `component` is the package whose file it is. */
export const parseTemplates = (text: string, component: string): Template[] =>
  parseDebconfTemplates(text).flatMap(({ description, default: preset, ...template }) => {
    const { type } = template;
    // Texts are shown, not asked; but some answers that are only ever preseeded are declared as a text.
    const [short = ''] = description.split('\n');
    if ((type === 'text' || type === 'title') && !short.includes('preseed')) return [];
    // A default that names a host is of one archive and says nothing of the question.
    const known = preset?.replace(/^[@$].*|^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, '');
    return [{ ...template, ...(known === undefined || known === '' ? {} : { default: known }), component }];
  });
