/**
 * What pam-auth-update(8) writes: the lines of a signed template, with the profiles of signed packages in its two places. The order and
 * the control words decide who gets in, so they are held as well: `sufficient pam_permit.so` lets in everybody.
 */

/** A profile of /usr/share/pam-configs, as far as one kind of module goes: its lines, where they are first and where others come before. */
interface ProfilePart {
  readonly place: 'primary' | 'additional';
  readonly lines: readonly string[];
  readonly initial: readonly string[];
}

const KINDS = ['account', 'auth', 'password', 'session'] as const;
type Kind = (typeof KINDS)[number];

const partOf = (profile: string, kind: Kind): ProfilePart | undefined => {
  const field = kind.replace(/^./, (letter) => letter.toUpperCase());
  const [, type = ''] = new RegExp(`^${field}-Type:[ \\t]*(\\w+)`, 'm').exec(profile) ?? [];
  const block = (name: string) =>
    (new RegExp(`^${name}:[ \\t]*\\n((?:[ \\t]+.*(?:\\n|$))*)`, 'm').exec(profile)?.[1] ?? '')
      .split('\n')
      .map(plain)
      .filter((line) => line !== '');
  const lines = block(field);
  if (type === '' || lines.length === 0) return undefined;
  const initial = block(`${field}-Initial`);
  return {
    place: type.toLowerCase() === 'primary' ? 'primary' : 'additional',
    lines,
    initial: initial.length === 0 ? lines : initial,
  };
};

const plain = (line: string): string => line.replaceAll(/[ \t]+/g, ' ').trim();

interface Sources {
  /** The template of this file (`/usr/share/pam/common-auth`). */
  readonly template: string;
  readonly profiles: readonly string[];
}

/** Why the text is not what pam-auth-update makes of these; undefined when it is. */
export const pamWhy = (text: string, { template, profiles }: Sources): string | undefined => {
  const [, stack = ''] = /^\$(\w+)_primary$/m.exec(template) ?? [];
  const kind = KINDS.find((one) => stack.startsWith(one));
  if (kind === undefined) return 'no package has its template';
  const fitting = stack === kind ? profiles : profiles.filter((one) => !/^Session-Interactive-Only:\s*yes/m.test(one));
  const parts = fitting.flatMap((one) => partOf(one, kind) ?? []);
  const wanted = meaning(template);
  const found = meaning(text);
  const at = (name: string) => wanted.indexOf(`$${stack}_${name}`);
  const [before, between] = [wanted.slice(0, at('primary')), wanted.slice(at('primary') + 1, at('additional'))];
  const after = wanted.slice(at('additional') + 1);
  const middle = indexOfAll(found, between, before.length);
  if (middle < 0 || !startsWith(found, before) || !endsWith(found, after)) return 'it lacks lines of its template';
  const primary = found.slice(before.length, middle);
  const additional = found.slice(middle + between.length, found.length - after.length);
  return (
    oddLine(primary, 'primary', kind, parts, jumpsOver(between)) ?? oddLine(additional, 'additional', kind, parts, 0)
  );
};

/** Lines that count, blanks made one. */
const meaning = (text: string): string[] =>
  text
    .split('\n')
    .map(plain)
    .filter((line) => line !== '' && !line.startsWith('#'));

const startsWith = (lines: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((line, nth) => lines[nth] === line);
const endsWith = (lines: readonly string[], wanted: readonly string[]): boolean =>
  lines.length >= wanted.length && startsWith(lines.slice(lines.length - wanted.length), wanted);

const indexOfAll = (lines: readonly string[], wanted: readonly string[], from: number): number => {
  for (let at = from; at + wanted.length <= lines.length; at++) if (startsWith(lines.slice(at), wanted)) return at;
  return -1;
};

/** What success goes over: the line that denies. */
const jumpsOver = (between: readonly string[]): number => between.findIndex((line) => !line.includes('pam_deny.so'));

const oddLine = (
  lines: readonly string[],
  place: ProfilePart['place'],
  kind: Kind,
  parts: readonly ProfilePart[],
  over: number,
): string | undefined => {
  const known = parts.filter((one) => one.place === place).flatMap((one) => [...one.lines, ...one.initial]);
  for (const [nth, line] of lines.entries()) {
    const jump = lines.length - 1 - nth + over;
    const isKnown = known.some((one) => line === plain(`${kind} ${one.replace(/=end\b/g, `=${jump}`)}`));
    // Where no profile is primary, one line goes over the one that denies.
    const isEmptyStack = place === 'primary' && lines.length === 1 && line === `${kind} [default=1] pam_permit.so`;
    if (!isKnown && !(isEmptyStack && kind !== 'auth')) return `nothing accounts for its line "${line.slice(0, 80)}"`;
  }
  return place === 'primary' && kind === 'auth' && lines.length === 0 ? 'nothing asks for a password' : undefined;
};
