/** Who becomes root without a password, and by what: sudo, doas, su. */
import type { Subject } from '../../inspect/subject.ts';
import { sudoLines } from '../../inspect/sudoers.ts';

export interface WayToRoot {
  /** As the file writes it: `ada`, `%sudo`, `ALL`. */
  readonly who: string;
  readonly file: string;
  readonly message: string;
  readonly hint: string;
}

export const rootWithoutPassword = async (files: Subject['files']): Promise<WayToRoot[]> => [
  ...(await bySudo(files)),
  ...(await byDoas(files)),
  ...(await bySu(files)),
];

/** sudoers(5): the tag of a rule, or the option for everybody, an account, a host or a command. */
const bySudo = async (files: Subject['files']): Promise<WayToRoot[]> =>
  (await sudoLines(files)).flatMap(({ file, rule }) => {
    const [, of = ''] = /^Defaults([:!>@]\S+)?\s.*!authenticate\b/.exec(rule) ?? [];
    const isOption = /^Defaults\S*\s.*!authenticate\b/.test(rule);
    if (!isOption && (rule.startsWith('Defaults') || !/\bNOPASSWD\s*:/.test(rule))) return [];
    const who = isOption ? (of.startsWith(':') ? of.slice(1) : 'ALL') : (rule.split(/\s/)[0] ?? '');
    const message = `sudo asks no password here: ${rule}`;
    return [{ who, file, message, hint: 'Leave out `sudo: nopasswd` of the account, or allow it.' }];
  });

/** doas.conf(5): `permit nopass [as …] who`. */
const byDoas = async (files: Subject['files']): Promise<WayToRoot[]> => {
  const file = '/etc/doas.conf';
  return linesIn(await files.text(file)).flatMap((line) => {
    const [, words = ''] = /^permit\s+(.*)$/.exec(line) ?? [];
    if (!/^([^:]*\s)?nopass\b/.test(words)) return [];
    const [group] = words
      .replaceAll(/\b(nopass|nolog|persist|keepenv)\b|\bsetenv\s*\{[^}]*\}|\s+(as|cmd)\s.*$/g, ' ')
      .trim()
      .split(/\s+/);
    const who = group?.replace(/^:/, '%') ?? '';
    return [{ who, file, message: `doas asks no password here: ${line}`, hint: 'Leave out `nopass`, or allow it.' }];
  });
};

/** pam_wheel(8): members of a group are trusted; pam_permit(8) as what is enough lets anybody in. */
const bySu = async (files: Subject['files']): Promise<WayToRoot[]> => {
  const found = ['/etc/pam.d/su', '/etc/pam.d/su-l', '/etc/pam.d/sudo', '/etc/pam.d/doas'].map(async (file) =>
    linesIn(await files.text(file)).flatMap((line): WayToRoot[] => {
      if (!/^-?auth\s/.test(line)) return [];
      const isWheel = /\bpam_wheel\.so\b.*\btrust\b/.test(line);
      if (!isWheel && !/^-?auth\s+sufficient\s+pam_permit\.so\b/.test(line)) return [];
      const who = isWheel ? `%${/\bgroup=(\S+)/.exec(line)?.[1] ?? 'root'}` : 'ALL';
      return [{ who, file, message: `no password is asked here: ${line}`, hint: 'Take the line out, or allow it.' }];
    }),
  );
  return (await Promise.all(found)).flat();
};

const linesIn = (text: string | undefined): string[] =>
  (text ?? '')
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim().replaceAll(/\s+/g, ' '))
    .filter((line) => line !== '');
