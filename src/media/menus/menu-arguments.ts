/**
 * Kernel command lines of installers. What stands before `---` is for the installer, what stands after it is kept for
 * the installed system by debian-installer (installation guide, 5.3.2); older media write `--`.
 */
import { IngotError } from '../../errors.ts';
import { isOldAnswer } from './old-answers.ts';

export interface KernelArguments {
  readonly installer: readonly string[];
  readonly target: readonly string[];
  /** What the unattended entry must not have: a word (`rd.debug`), a key (`console`), or both (`console=tty0`). */
  readonly removed?: readonly string[];
}

const SEPARATORS = ['---', '--'];

export const splitArguments = (words: readonly string[]): KernelArguments => {
  const at = words.findIndex((word) => SEPARATORS.includes(word));
  return at < 0 ? { installer: words, target: [] } : { installer: words.slice(0, at), target: words.slice(at + 1) };
};

export const joinArguments = ({ installer, target }: KernelArguments): string[] =>
  target.length === 0 ? [...installer] : [...installer, '---', ...target];

const keyOf = (word: string): string => word.replace(/=.*$/s, '');

/** Adds words to a command line; words with the same key (`console=`) that were there before go. */
export const setArguments = (words: readonly string[], set: KernelArguments): string[] => {
  const before = splitArguments(words);
  return joinArguments({
    installer: replaced(before.installer, set.installer),
    target: replaced(before.target, set.target),
  });
};

const replaced = (words: readonly string[], set: readonly string[]): string[] => {
  const keys = new Set(set.map(keyOf));
  return [...words.filter((word) => !keys.has(keyOf(word))), ...set];
};

const isRemoved = (word: string, removed: readonly string[]): boolean =>
  removed.includes(word) || removed.includes(keyOf(word));

/** What only decorates the screen of an interactive installation. */
const DRESS = /^(quiet|splash|rhgb|vga=.*|theme=.*)$/;

/**
 * The command line of the unattended entry: what the original entry needs to find its medium, then the given words.
 * Words that would answer in addition to the recipe go (`old-answers.ts`), and so do those that the recipe removes.
 * The original's arguments for the installed system go too; only the recipe decides those. Throws `media.arguments` for
 * a line that the kernel would cut (COMMAND_LINE_SIZE is 2048 on x86).
 */
export const unattendedArguments = (original: readonly string[], set: KernelArguments): string[] => {
  const kept = splitArguments(original).installer.filter((word) => !DRESS.test(word) && !isOldAnswer(word));
  const { installer, target } = splitArguments(setArguments(kept, set));
  const left = (side: readonly string[]) => side.filter((word) => !isRemoved(word, set.removed ?? []));
  const words = joinArguments({ installer: left(installer), target: left(target) });
  for (const word of [...set.installer, ...set.target]) {
    if (/^[\x21-\x7e]+$/.test(word)) continue;
    throw new IngotError('media.arguments', `"${word}" cannot be one word in a boot menu`, {
      hint: 'Each argument is one item of printable ASCII without spaces: answers.kernelArguments, answers.installerArguments.',
    });
  }
  const length = words.join(' ').length;
  if (length > 2000) {
    throw new IngotError('media.arguments', `the kernel command line has ${length} characters, it takes 2047`, {
      hint: 'Shorten answers.kernelArguments and answers.installerArguments; media.arguments.remove removes words of the medium.',
    });
  }
  return words;
};
