/** Keyboards as a recipe names them: a layout of XKB, or a layout with a variant, `us(intl)`. */
import { KEYBOARD_VARIANTS } from './keyboard-variants.ts';
import { KEYBOARD_LAYOUTS } from './known-names.ts';

export interface Keyboard {
  /** `us` */
  readonly layout: string;
  /** `intl`; empty for the layout's own. */
  readonly variant: string;
}

/** All that may be said. */
export const KEYBOARDS: readonly string[] = KEYBOARD_LAYOUTS.flatMap((layout) => [
  layout,
  ...(KEYBOARD_VARIANTS[layout] ?? []).map((variant) => `${layout}(${variant})`),
]);

export const keyboardOf = (name: string): Keyboard => {
  const [, layout = name, variant = ''] = /^([^()]+)\((.+)\)$/.exec(name) ?? [];
  return { layout, variant };
};
