/**
 * preseed files as debian-installer reads them: its `debconf-set-selections` is a shell script of the source package
 * preseed, not debconf's program. A line is `owner question type value`. Lines that begin with # and blank lines are
 * dropped before anything else, even between continued lines; carriage returns are dropped too. Leading white space is
 * not part of a line; a backslash as its very last character joins it to the next with one blank.
 */
import type { Place } from './text-place.ts';

export interface Token extends Place {
  readonly text: string;
}

/** A piece of a logical line: what one line of the file contributes to it. */
interface Piece {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface Answer {
  readonly owner: Token;
  readonly question: Token;
  /** `seen` sets a flag instead of a value. */
  readonly type: Token;
  /** The rest of the line, continued lines joined; its place is where it begins. */
  readonly value: Token;
  /** The place of `length` characters from `offset` on in the value, within one line of the file. */
  readonly placeInValue: (offset: number, length: number) => Place;
}

export type Trouble =
  /** A line with too few words: the installer stops with `preseed/load_error`. */
  | { readonly kind: 'incomplete'; readonly at: Token }
  /** The file ends in a continued line: the installer drops it. */
  | { readonly kind: 'unfinished'; readonly at: Token }
  /** A backslash with white space after it continues nothing. */
  | { readonly kind: 'backslash-blank'; readonly at: Token }
  /** A # that begins no comment, since the line does not begin with it. */
  | { readonly kind: 'indented-comment'; readonly at: Token; readonly continued: boolean };

export interface PreseedLines {
  readonly answers: readonly Answer[];
  readonly troubles: readonly Trouble[];
}

export const parsePreseedLines = (lines: readonly string[]): PreseedLines => {
  const answers: Answer[] = [];
  const troubles: Trouble[] = [];
  let pieces: Piece[] = [];
  for (const [index, raw] of lines.entries()) {
    if (raw.startsWith('#') || BLANK.test(raw)) continue;
    const line = index + 1;
    const shown = raw.replaceAll('\r', '');
    const text = shown.replace(LEADING, '');
    const column = shown.length - text.length + 1;
    if (text.startsWith('#')) {
      troubles.push({ kind: 'indented-comment', at: token(text, line, column), continued: pieces.length > 0 });
    }
    if (/\\[ \t]+$/.test(text)) {
      const at = text.lastIndexOf('\\');
      troubles.push({ kind: 'backslash-blank', at: token(text.slice(at), line, column + at) });
    }
    const continued = text.endsWith('\\');
    pieces.push({ text: continued ? text.slice(0, -1).replace(/[ \t\v\f]+$/, '') : text, line, column });
    if (continued) continue;
    addLine(pieces, answers, troubles);
    // The intended rest of the line before is not a line of its own, so nothing is said about it.
    if (isOrphan(answers.at(-1), troubles)) answers.pop();
    pieces = [];
  }
  const [first] = pieces;
  if (first) troubles.push({ kind: 'unfinished', at: token(first.text, first.line, first.column) });
  return { answers, troubles };
};

/** White space as the installer's busybox knows it: a no-break space does not count. */
const LEADING = /^[ \t\v\f]+/;
const BLANK = /^[ \t\v\f\r]*$/;

const isOrphan = (last: Answer | undefined, troubles: readonly Trouble[]): boolean =>
  last !== undefined && !last.question.text.includes('/') && isBehindBackslash(last.owner.line, troubles);

const isBehindBackslash = (line: number, troubles: readonly Trouble[]): boolean => {
  const last = troubles.findLast(({ kind }) => kind === 'backslash-blank');
  return last !== undefined && last.at.line < line && line - last.at.line < 3;
};

const token = (text: string, line: number, column: number): Token => ({
  text,
  line,
  column,
  endColumn: column + text.length,
});

const addLine = (pieces: readonly Piece[], answers: Answer[], troubles: Trouble[]): void => {
  const text = pieces.length === 1 ? (pieces[0]?.text ?? '') : pieces.map((piece) => piece.text).join(' ');
  const spans = wordSpans(text);
  const word = ([from, to]: Span): Token => ({ ...placeOf(pieces, from, to - from), text: text.slice(from, to) });
  const [owner, question, type, value] = spans;
  // A comment, or the rest of a line before, which is reported already.
  if (!(owner && question && type)) {
    const known = text.startsWith('#') || isBehindBackslash(pieces[0]?.line ?? 0, troubles);
    if (!known) troubles.push({ kind: 'incomplete', at: word([0, text.length]) });
    return;
  }
  const from = value?.[0] ?? text.length;
  answers.push({
    owner: word(owner),
    question: word(question),
    type: word(type),
    value: word([from, text.length]),
    placeInValue: (offset, length) => placeOf(pieces, from + offset, length),
  });
};

type Span = readonly [from: number, to: number];

/** The first three words, and where the rest begins. */
const wordSpans = (text: string): Span[] => {
  const spans: Span[] = [];
  const words = /[^ \t\v\f]+/g;
  for (let match = words.exec(text); match && spans.length < 4; match = words.exec(text)) {
    spans.push([match.index, match.index + match[0].length]);
  }
  return spans;
};

/** Where a part of the joined text stands in the file; what goes over a line's end is cut there. */
const placeOf = (pieces: readonly Piece[], offset: number, length: number): Place => {
  let start = 0;
  let last: Piece = { text: '', line: 1, column: 1 };
  for (const piece of pieces) {
    last = piece;
    if (offset <= start + piece.text.length) break;
    start += piece.text.length + 1;
  }
  const column = last.column + Math.max(0, Math.min(offset - start, last.text.length));
  const end = Math.min(column + length, last.column + last.text.length);
  return { line: last.line, column, endColumn: Math.max(end, column) };
};
