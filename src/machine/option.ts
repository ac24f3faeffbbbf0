/**
 * QEMU options whose values may hold a variable of the launcher. A value is written with the tag `v`, which doubles
 * the commas of what is put in (QEMU's own escape, qemu(1)), so that a path with a comma stays one value.
 */
export type LauncherVariable = 'snapshot' | 'ssh_port' | 'runtime';

interface Variable {
  readonly variable: LauncherVariable;
}

export type OptionWord = readonly (string | Variable)[];
export type Option = readonly [flag: string, value?: OptionWord];

export const variable = (name: LauncherVariable): Variable => ({ variable: name });

export const v = (texts: TemplateStringsArray, ...values: readonly (string | number | Variable)[]): OptionWord =>
  texts.flatMap((text, index) => {
    const value = values[index];
    if (value === undefined) return [text];
    return [text, typeof value === 'object' ? value : String(value).replaceAll(',', ',,')];
  });

/** The word as the shell has to read it: plain where it can be, quoted where it must be. */
export const shellWord = (word: OptionWord): string => {
  const text = word.map((part) => (typeof part === 'string' ? escaped(part) : `\${${part.variable}}`)).join('');
  return word.every((part) => typeof part === 'string' && PLAIN.test(part)) ? text : `"${text}"`;
};

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]*$/;
const escaped = (text: string): string => text.replaceAll(/[\\"$`]/g, '\\$&');

export interface OptionGroup {
  readonly why: string;
  readonly options: readonly Option[];
  /** Only when Ingot starts the launcher, or only when a person does. */
  readonly only?: 'ingot' | 'hand';
}
