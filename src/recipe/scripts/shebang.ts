/** The first line of a script, as execve(2) reads it: a program, and all the rest as one argument. */
import { shellQuote } from '../../host/command-line.ts';
import type { TextFault } from './text-fault.ts';

export interface Shebang {
  /** `/usr/bin/env` is looked through. */
  readonly program: string;
  readonly path: string;
}

const FIRST_LINE = /^#![ \t]*(\S+)[ \t]*([^\n]*)/;

export const shebangOf = (text: string): Shebang | undefined => {
  const [, path = '', rest = ''] = FIRST_LINE.exec(text) ?? [];
  if (path === '') return undefined;
  const word = rest.split(/\s+/).find((part) => !part.startsWith('-') && !part.includes('='));
  return { path, program: isEnv(path) && word !== undefined ? word : nameOf(path) };
};

const nameOf = (path: string): string => path.split('/').at(-1) ?? path;
const isEnv = (path: string): boolean => nameOf(path) === 'env';

/** It reads the line itself, and takes the options apart. */
const READS_IT_ITSELF = /^(perl|ruby)/;
const SHELLS = /^(sh|bash|dash|zsh|ksh|mksh)$/;

/** Several arguments in the first line arrive as one. */
export const argumentFault = (text: string): TextFault | undefined => {
  const [, path = '', rest = ''] = FIRST_LINE.exec(text) ?? [];
  const given = rest.trim();
  if (!/\s/.test(given) || READS_IT_ITSELF.test(nameOf(path))) return undefined;
  if (isEnv(path))
    return /^-[a-zA-Z]*S/.test(given) || given.startsWith('--split-string')
      ? undefined
      : { message: `env looks for one program of the name \`${given}\``, hint: `Write \`#!${path} -S ${given}\`.` };
  const { program } = shebangOf(text) ?? { program: nameOf(path) };
  return {
    message: `${program} gets \`${given}\` as one argument: a first line has one at most`,
    hint: SHELLS.test(program)
      ? `Write \`#!${path}\`, and \`set ${given}\` in the line below.`
      : `Write \`#!/usr/bin/env -S ${program} ${given}\`.`,
  };
};

/** Names of files by which people and editors tell what runs them; a script without a first line is one for sh. */
const ENDINGS: Readonly<Record<string, readonly [language: string, program: string]>> = {
  bat: ['Windows', 'sh'],
  cmd: ['Windows', 'sh'],
  js: ['JavaScript', 'node'],
  php: ['PHP', 'php'],
  pl: ['Perl', 'perl'],
  ps1: ['PowerShell', 'pwsh'],
  py: ['Python', 'python3'],
  rb: ['Ruby', 'ruby'],
};

/** A file that `run` takes for a script of sh, and that is something else. */
export const otherLanguageFault = (content: Uint8Array, name: string): TextFault | undefined => {
  const beginning = Buffer.from(content.subarray(0, 4096));
  if (beginning.toString('latin1').startsWith('\x7fELF') || beginning.includes(0))
    return {
      message: 'expected a script, found a program or another binary file',
      hint: 'Copy it with a step `copy: {from: …, to: /usr/local/bin/NAME, mode: "0755"}`, and call it in the next one.',
    };
  const [language, program] = ENDINGS[/\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''] ?? [];
  if (language === undefined || beginning.toString('latin1').startsWith('#!')) return undefined;
  return {
    message: `without a first line that begins with #! it runs with sh, and its name says ${language}`,
    hint: program === 'sh' ? 'Write it for sh.' : `Begin it with \`#!/usr/bin/env ${program}\`.`,
  };
};

/**
 * The beginning of a command line that runs a script by the interpreter of its first line (execve(2)); the script's path comes after it.
 * Folders in memory are often mounted `noexec`, so no script is started as a program. Undefined without such a line.
 */
export const interpreterCall = (text: string): string | undefined => {
  const [, program, rest = ''] = FIRST_LINE.exec(text) ?? [];
  if (program === undefined) return undefined;
  return [program, rest.trim()]
    .filter((word) => word !== '')
    .map(shellQuote)
    .join(' ');
};
