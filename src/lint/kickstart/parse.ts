/**
 * From text to commands and sections, after pykickstart/parser.py: a section reaches to `%end`, `%include` works
 * everywhere, `%ksappend` is read before all else, and no line goes on in the next one. Mistakes are reported, and
 * reading goes on.
 */
import { editDistance } from '../../suggest.ts';
import type { ReadInclude, SourceFile } from '../source-file.ts';
import { shown, type Tell } from './findings.ts';
import type { Command, Document, Include, Line, Section } from './kickstart-document.ts';
import { LineStream, MOST_LINES } from './line-stream.ts';
import { MARK, tellMark, tellOdd } from './odd-words.ts';
import { factsOf, kickstartTable } from './table.ts';
import { MOST_WORDS, splitWords, type Word } from './words.ts';

export interface ParseContext {
  readonly tell: Tell;
  readonly readInclude?: ReadInclude | undefined;
}

interface OpenSection extends Section {
  readonly body: Line[];
}

interface Reading extends ParseContext {
  readonly stream: LineStream;
  readonly commands: Command[];
  readonly sections: Section[];
  section: OpenSection | undefined;
  open: boolean;
  readonly unread: Include[];
}

export const parseKickstart = (file: SourceFile, context: ParseContext): Document => {
  const reading: Reading = {
    ...context,
    stream: new LineStream(file),
    commands: [],
    sections: [],
    section: undefined,
    open: false,
    unread: [],
  };
  for (let line = reading.stream.next(); line; line = reading.stream.next()) {
    if (/^\s*%ksappend(\s|$)/.test(line.text)) include(reading, line, 'ksappend');
    else if (reading.section) sectionLine(reading, reading.section, line);
    else commandLine(reading, line);
  }
  const { stoppedAt } = reading.stream;
  if (stoppedAt)
    context.tell(
      'too-long',
      stoppedAt,
      1,
      `reading stopped here, after ${MOST_LINES} lines: what follows is not checked`,
    );
  else if (reading.section) unterminated(reading, reading.section);
  const { commands, sections, unread } = reading;
  return { file, commands, sections, open: reading.open || stoppedAt !== undefined, unread };
};

const isKnownSection = (name: string): boolean => factsOf(kickstartTable().sections, name) !== undefined;

const sectionLine = (reading: Reading, section: OpenSection, line: Line): void => {
  const [, first = ''] = /^\s*(%\S*)/.exec(line.text) ?? [];
  if (first === '%end') reading.section = undefined;
  else if (first === '%include') include(reading, line, 'include');
  else if (isKnownSection(first)) {
    unterminated(reading, section);
    reading.section = undefined;
    commandLine(reading, line);
  } else section.body.push(line);
};

const unterminated = ({ tell }: Reading, { name, line, body }: OpenSection): void => {
  const near = body.find(
    ({ text }) =>
      /^\s*%?\S{2,5}\s*$/.test(text) && editDistance(text.trim().toLowerCase(), '%end') <= 2 && text.includes('%'),
  );
  tell('unterminated-section', line, name, `the section ${shown(name.text)} does not end with %end`, {
    hint: near
      ? `Line ${near.number} has ${shown(near.text.trim())}: write %end.`
      : 'Close each section with a line %end.',
  });
};

const commandLine = (reading: Reading, line: Line): void => {
  if (line.text.startsWith(MARK)) tellMark(reading.tell, line);
  if (/^\s*(#|$)/.test(line.text)) return;
  const words = lineWords(reading, line);
  const [name] = words;
  if (!name || line.text.startsWith(MARK)) return;
  if (name.text === '%include') include(reading, line, 'include');
  else if (name.text.startsWith('%')) openSection(reading, line, name, words);
  else reading.commands.push({ line, name, words: words.slice(1) });
};

const openSection = (reading: Reading, line: Line, name: Word, words: readonly Word[]): void => {
  if (name.text === '%end') {
    reading.tell('stray-end', line, name, '%end stands outside of a section');
    return;
  }
  const section: OpenSection = { line, name, words: words.slice(1), body: [] };
  reading.sections.push(section);
  reading.section = section;
};

/** The words of a line; what makes the installer read it differently is reported. */
const lineWords = ({ tell, stream }: Reading, line: Line): readonly Word[] => {
  const { words, open, cut, continued } = splitWords(line.text);
  tellOdd(tell, line, words);
  const last = words[MOST_WORDS - 1];
  if (last)
    tell(
      'too-long',
      line,
      last,
      `reading stopped here, after ${MOST_WORDS} words: the rest of the line is not checked`,
    );
  if (open !== undefined) {
    const goesOn = line.text.trimEnd().endsWith('\\');
    const hint = goesOn ? 'A command is one line: no backslash joins it with the next.' : undefined;
    tell('quoting', line, open, 'a quote is opened here and not closed in this line', { hint });
    if (goesOn) skipContinued(stream, line);
    return [];
  }
  if (cut !== undefined)
    tell('comment-in-word', line, cut, 'what follows # is a comment, even inside of a word', {
      hint: 'Put the value in quotes when # belongs to it.',
    });
  if (continued !== undefined) {
    tell('line-continuation', line, continued, 'a command does not go on in the next line', {
      hint: 'Write it in one line; kickstart has no continuation lines.',
    });
    skipContinued(stream, line);
  }
  return words;
};

const skipContinued = (stream: LineStream, first: Line): void => {
  for (let line: Line | undefined = first; line?.text.trimEnd().endsWith('\\'); ) line = stream.next();
};

/** Paths that exist only once the installer runs: what %pre writes, and what lies on a server. */
const AT_RUN_TIME = /^(\/(tmp|run|mnt|dev|proc|var|root)\/|[a-z]+:)/i;

const include = (reading: Reading, line: Line, directive: 'include' | 'ksappend'): void => {
  const { tell, stream, readInclude } = reading;
  const [name, path] = splitWords(line.text).words;
  if (!name) return;
  if (!path || path.text === '') {
    tell('include-path', line, name, `%${directive} names no file`);
    return;
  }
  const file = readInclude?.(path.text, line.file.name);
  if (!file) {
    reading.open = true;
    reading.unread.push({ line, path });
    if (readInclude && !AT_RUN_TIME.test(path.text))
      tell('include-unread', line, path, `${shown(path.text)} could not be read here, so it is not checked`);
    return;
  }
  const entered = stream.enter(file);
  if (entered === 'cycle')
    tell('include-cycle', line, path, `${shown(path.text)} includes itself, directly or through others`);
  if (entered === 'too-many') tell('include-cycle', line, path, 'more files are included than can be meant (500)');
};
