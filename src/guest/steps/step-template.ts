/** Templates of `copy` steps: EJS without HTML escaping, where anything undefined is an error with its line. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { IngotError, messageOf } from '../../errors.ts';
import type { Variables } from '../../recipe/schema/variables-schema.ts';
import { textFault } from '../../recipe/scripts/text-fault.ts';
import { renderApart } from '../../template/apart.ts';
import { TemplateRefused } from '../../template/fault.ts';
import { partialPath } from '../../template/partial-path.ts';

export interface StepTemplate {
  /** Of the file; of a text in the recipe, what it is called. */
  readonly path: string;
  readonly text: string;
}

/**
 * Renders all of them at once, in a process of its own; they see `variables` and may include others beside or below
 * them. Throws `guest.template-failed` with file and line.
 */
export const renderTemplates = (templates: readonly StepTemplate[], variables: Variables): string[] => {
  try {
    return renderApart({
      templates,
      values: { variables },
      escape: { value: asText, functions: { asText } },
      partial({ from, name }) {
        const path = partialPath(name, [from]);
        return { path, text: readPartial(path) };
      },
    });
  } catch (cause) {
    if (cause instanceof IngotError && cause.code !== 'template.too-much') throw cause;
    throw new IngotError('guest.template-failed', 'a template could not be rendered', {
      where: cause instanceof TemplateRefused ? cause.path : templates.map(({ path }) => path).join(', '),
      detail: messageOf(cause),
      hint: 'The template sees `variables.NAME`, the variables of the recipe.',
      cause,
    });
  }
};

const readPartial = (path: string): string => {
  const content = readFileSync(path);
  const fault = textFault(content, basename(path), { isScript: false, isDecoded: true });
  if (fault === undefined) return content.toString('utf8');
  throw new IngotError('guest.template-failed', fault.message, { where: path, hint: fault.hint });
};

const asText = (value: unknown): string => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`a value is ${value === null ? 'null' : typeof value}, not a text, number or boolean`);
};
