/**
 * Keyboards as a recipe names them: a layout of XKB, or a layout with a variant, `us(intl)`; as a mapping with model and
 * options as well, in the words of keyboard(5).
 */

import { z } from 'zod';
import { own } from '../../own.ts';
import { text } from '../schema/field-values.ts';
import { KEYBOARD_MODELS } from './keyboard-models.ts';
import { KEYBOARD_OPTIONS } from './keyboard-options.ts';
import { KEYBOARD_VARIANTS } from './keyboard-variants.ts';
import { KEYBOARD_LAYOUTS } from './known-names.ts';

export interface Keyboard {
  /** `us` */
  readonly layout: string;
  /** `intl`; empty for the layout's own. */
  readonly variant: string;
  readonly model: string;
  readonly options: readonly string[];
}

/** All that may be said in one word. */
export const KEYBOARDS: readonly string[] = KEYBOARD_LAYOUTS.flatMap((layout) => [
  layout,
  ...(own(KEYBOARD_VARIANTS, layout) ?? []).map((variant) => `${layout}(${variant})`),
]);

const DEFAULT_MODEL = 'pc105';

export const keyboardSchema = z.union([
  z.enum(KEYBOARDS, { error: 'a keyboard layout such as us or de, or one with a variant such as us(intl)' }),
  z
    .strictObject({
      layout: z
        .enum(KEYBOARD_LAYOUTS, { error: 'a keyboard layout such as us or de' })
        .meta({ description: 'Layout (XKB): de.' }),
      variant: text(/^[A-Za-z0-9_-]*$/, 'a variant of the layout such as intl')
        .default('')
        .meta({ description: 'Variant of the layout: neo.' }),
      model: z
        .enum(KEYBOARD_MODELS, { error: 'a keyboard model such as pc105 or thinkpad' })
        .default(DEFAULT_MODEL)
        .meta({ description: 'Model (XKB): pc105, pc104, thinkpad.' }),
      options: z
        .array(z.enum(KEYBOARD_OPTIONS, { error: 'an option of XKB such as caps:escape' }))
        .default([])
        .meta({ description: 'Options (XKB): caps:escape, compose:ralt.' }),
    })
    .refine(({ layout, variant }) => variant === '' || (own(KEYBOARD_VARIANTS, layout) ?? []).includes(variant), {
      path: ['variant'],
      error: ({ input }) => `a variant of this layout${variantsOf(input)}`,
    }),
]);

const variantsOf = (input: unknown): string => {
  const layout = typeof input === 'object' && input !== null && 'layout' in input ? String(input.layout) : '';
  const all = own(KEYBOARD_VARIANTS, layout) ?? [];
  return all.length === 0 ? ', which has none' : ` (${all.join(', ')})`;
};

export type KeyboardAnswer = z.output<typeof keyboardSchema>;

export const keyboardOf = (answer: KeyboardAnswer): Keyboard => {
  if (typeof answer !== 'string') return answer;
  const [, layout = answer, variant = ''] = /^([^()]+)\((.+)\)$/.exec(answer) ?? [];
  return { layout, variant, model: DEFAULT_MODEL, options: [] };
};

/** The default of a system: nothing has to be installed or set for it. */
export const isUsualKeyboard = (answer: KeyboardAnswer): boolean => {
  const { layout, variant, model, options } = keyboardOf(answer);
  return layout === 'us' && variant === '' && model === DEFAULT_MODEL && options.length === 0;
};
