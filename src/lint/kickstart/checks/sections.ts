/** Sections: whether the release has them, their options, and the lines of %packages. */

import { codePoint, ODD } from '../../odd-characters.ts';
import { shown, type Tell } from '../findings.ts';
import type { Document, Line } from '../kickstart-document.ts';
import type { KickstartRelease } from '../release.ts';
import { factsOf, kickstartTable } from '../table.ts';
import type { Word } from '../words.ts';
import { checkAddon } from './addons.ts';
import { checkWords } from './commands.ts';
import { checkLifetime } from './lifetime.ts';

export const checkSections = ({ sections, unread }: Document, release: KickstartRelease, tell: Tell): void => {
  for (const section of sections) {
    const { line, name, words, body } = section;
    const facts = factsOf(kickstartTable().sections, name.text);
    if (!facts) {
      const near = tell.near(name.text, Object.keys(kickstartTable().sections));
      tell('unknown-section', line, name, `${shown(name.text)} is not a section of kickstart files`, {
        hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
        replacement: near,
      });
      continue;
    }
    if (!checkLifetime('section', facts, name, name.text, { line, release, tell })) continue;
    const args = facts.free ? undefined : checkWords(words, facts, { line, release, tell, of: name.text, at: name });
    if (name.text === '%packages') {
      const lenient = args?.options.some((option) => option.name === '--ignoremissing') ?? false;
      checkPackages(body, lenient, tell);
    }
    if (name.text === '%certificate' && unread.length === 0) checkCertificate(line, name, body, tell);
    if (name.text === '%addon')
      checkAddon(section, unread.length === 0, { line, release, tell, of: '%addon', at: name });
    if (args && name.text !== '%packages' && name.text !== '%certificate') checkLineEnds(body, tell);
    const interpreter = args?.options.find((option) => option.name === '--interpreter');
    if (interpreter?.value !== undefined && !interpreter.value.startsWith('/'))
      tell(
        'bad-value',
        line,
        interpreter.valueAt,
        `--interpreter expects an absolute path, not ${shown(interpreter.value)}`,
        // The installer looks for it along its PATH.
        { severity: 'info' },
      );
  }
};

const checkCertificate = (line: Line, name: Word, body: readonly Line[], tell: Tell): void => {
  const first = body.find(({ text }) => text.trim() !== '');
  if (!first) tell('certificate', line, name, 'there is no certificate in this section');
  else if (!body.some(({ text }) => text.startsWith('-----BEGIN ')))
    tell('certificate', first, 1, 'a certificate begins with `-----BEGIN CERTIFICATE-----`', { severity: 'warning' });
};

/** pykickstart leaves a CR in scripts, and the shell takes it for a part of the last word. */
const checkLineEnds = (body: readonly Line[], tell: Tell): void => {
  const line = body.find(({ text }) => text.endsWith('\r') && !/^\s*(#|$)/.test(text));
  if (line)
    tell(
      'crlf',
      line,
      line.text.length,
      'the line ends in CR LF, and the shell takes the CR for a part of its last word',
      {
        hint: 'Write the file with LF alone (dos2unix).',
      },
    );
};

/** One entry a line: a package or a pattern of names, `@group`, `@^environment`, each with `-` to leave it out. */
const checkPackages = (body: readonly Line[], lenient: boolean, tell: Tell): void => {
  const seen = new Map<string, Line>();
  for (const line of body) {
    const [text = ''] = line.text.split('#', 1);
    const entry = text.trim();
    if (entry === '') continue;
    const column = text.length - text.trimStart().length + 1;
    const spot = { column, endColumn: column + entry.length };
    const fault = packageFault(entry);
    if (fault !== undefined)
      tell('package-line', line, spot, fault, {
        // What cannot be left out is no reason to stop.
        severity: lenient || (entry.startsWith('-') && entry !== '-') ? 'warning' : 'error',
      });
    const other = seen.get(opposite(entry));
    if (other)
      tell('package-twice', line, spot, `${shown(entry)} takes back line ${other.number}; the later one counts`);
    seen.set(entry, line);
  }
};

const opposite = (entry: string): string => (entry.startsWith('-') ? entry.slice(1) : `-${entry}`);

const packageFault = (entry: string): string | undefined => {
  if (/^-?@\^?\s*$|^-$/.test(entry)) return `${shown(entry)} names nothing`;
  if (entry.startsWith('@') || entry.startsWith('-@')) return groupFault(entry);
  if (entry.startsWith('--')) return `${shown(entry)} is an option; it belongs after %packages`;
  if (entry.startsWith('%')) return `${shown(entry)} is neither a package nor a section`;
  const odd = ODD.exec(entry);
  if (odd) return `${shown(entry)} has ${codePoint(odd[0])} in it, which no name of a package has`;
  // Rich dependencies and versions have blanks between their words.
  if (/^-?\(|[<>=]/.test(entry)) return undefined;
  if (/\s/.test(entry)) return `one package a line: ${shown(entry)} is read as one name`;
  if (/[,;|&$"'`]/.test(entry)) return `${shown(entry)} is not the name of a package`;
  return undefined;
};

/** Names of groups may have blanks; options are the two that follow a group. */
const groupFault = (entry: string): string | undefined => {
  if (/\s-?@|,/.test(entry)) return `one group a line: ${shown(entry)} is read as one name`;
  const options = entry.split(/\s+/).filter((word) => word.startsWith('--'));
  const unknown = options.find((option) => option !== '--nodefaults' && option !== '--optional');
  if (unknown !== undefined) return `a group has no option ${shown(unknown)}, only --nodefaults and --optional`;
  return options.length > 1 ? '--nodefaults and --optional exclude each other' : undefined;
};
