/** Which debconf question is on a screen: recognized by the question's own text, since an installer shows no names. */
import { parseDebconfTemplates } from '../formats/packages/debconf-templates.ts';

export interface DialogQuestion {
  readonly name: string;
  readonly type: string;
  /** Untranslated; absent when they are made at run time, or when there are none. */
  readonly choices?: readonly string[];
  /** What the installer shows, white space folded: the short line, and the paragraphs below it. */
  readonly texts: readonly string[];
}

const ASKED = new Set(['string', 'boolean', 'select', 'multiselect', 'password', 'note', 'error']);

/** The questions of a `templates` file that can be asked, with their English texts. */
export const questionsOf = (templates: string): DialogQuestion[] =>
  parseDebconfTemplates(templates).flatMap(({ name, type, description, choices }) => {
    if (description === '' || !ASKED.has(type)) return [];
    const [short = '', ...rest] = description.split('\n');
    const texts = [short, ...rest.join('\n').split(/\n\s*\.\s*(?:\n|$)/)].map(folded).filter((text) => text !== '');
    return [{ name, type, texts, ...(choices === undefined ? {} : { choices }) }];
  });

/**
 * The question whose text is on the screen; undefined when none fits, or when two fit equally well. A dialog may be cut off
 * at the bottom, so the short line or the first paragraph has to be there whole.
 */
export const askedQuestion = (screen: string, questions: readonly DialogQuestion[]): DialogQuestion | undefined => {
  const shown = folded(screen.replaceAll(FRAME, ' '));
  const fits = questions
    .map((question) => ({ question, length: lengthShown(shown, question) }))
    .filter(({ length }) => length >= SHORTEST)
    .sort((one, other) => other.length - one.length);
  const [best, second] = fits;
  if (!best || (second && second.length === best.length)) return undefined;
  return best.question;
};

/** Lines and corners of newt's frames, and what a serial terminal makes of them. */
const FRAME = /[\u2500-\u259f|]/g;

/** A text of few letters ("Country:") is on many screens. */
const SHORTEST = 12;

const folded = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Letters of the texts that are on the screen. */
const lengthShown = (screen: string, { texts }: DialogQuestion): number =>
  texts.reduce((sum, text) => sum + (isShown(screen, text) ? text.length : 0), 0);

/** Between the `${substitutions}` of a text anything may stand. */
const isShown = (screen: string, text: string): boolean => {
  let from = 0;
  const parts = text.split(/\$\{[^}]*\}/).map((part) => part.trim());
  if (parts.every((part) => part.length < SHORTEST) && parts.length > 1) return false;
  for (const part of parts) {
    const at = screen.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
};

/** Questions of the language chooser are answered by the locale, which answers them all. */
const ANSWERED_BY: Readonly<Record<string, string>> = {
  'localechooser/languagelist': 'd-i debian-installer/locale string en_US.UTF-8',
  'localechooser/shortlist': 'd-i debian-installer/locale string en_US.UTF-8',
};

/** What to write into the answer file: a line that can be pasted. */
export const answerLine = ({ name, type, choices }: DialogQuestion): string => {
  const known = ANSWERED_BY[name];
  if (known !== undefined) return known;
  const value = { boolean: 'true', note: '', error: '' }[type] ?? choices?.[0] ?? 'VALUE';
  return `d-i ${name} ${type} ${value}`.trimEnd();
};
