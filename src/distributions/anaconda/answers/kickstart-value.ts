/** What a kickstart file can carry: one word of a line, quoted where it needs it, or whole lines of a script. */
import { shellQuote } from '../../../host/command-line.ts';

/** Lines that are put in as they are. */
export interface ScriptLines {
  readonly lines: string;
}

const isScript = (value: unknown): value is ScriptLines =>
  typeof value === 'object' && value !== null && 'lines' in value && typeof value.lines === 'string';

/** For `<%= … %>`: a word, quoted so that pykickstart and a shell read the same value, or the lines of a script. */
export const kickstartValue = (value: unknown): string => {
  if (value === undefined || value === null) throw new Error('the value is not defined');
  if (isScript(value)) return scriptLines(value.lines);
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw new Error(`expected a text, a number or a boolean, found ${Array.isArray(value) ? 'a list' : typeof value}`);
  const text = String(value);
  if (/[\r\n]/.test(text)) throw new Error('a kickstart value is one line, this one has a line break');
  if (/\p{Cc}|\p{Cs}/u.test(text)) throw new Error('a kickstart value cannot hold a control character');
  return shellQuote(text);
};

const scriptLines = (text: string): string => {
  // The lines that pykickstart would not read as a part of the script.
  const directive =
    /^\s*%(end|include|ksappend|pre|pre-install|post|onerror|traceback|packages|addon|anaconda|certificate)(\s|$)/;
  const line = text.split('\n').findIndex((candidate) => directive.test(candidate));
  if (line >= 0) throw new Error(`line ${line + 1} of the script would end its section in a kickstart file`);
  if (text.includes('\0')) throw new Error('a script in a kickstart file cannot hold a zero byte');
  return text.trimEnd();
};

export const KICKSTART_ESCAPE = {
  value: kickstartValue,
  functions: { shellQuote, isScript, scriptLines, kickstartValue },
};
