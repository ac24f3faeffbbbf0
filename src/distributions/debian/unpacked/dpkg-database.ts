/**
 * What dpkg writes down when it unpacks a package on a system that never had it: its control files below `info/`, its
 * stanza in `status`, its interests in `triggers/` (dpkg's doc/triggers.txt, lib/dpkg/dump.c, src/main/unpack.c).
 */
import { IngotError } from '../../../errors.ts';
import { PACKAGE_BUILT_WRONG } from '../../../formats/packages/built-wrong.ts';
import { words } from '../../../formats/packages/deb822.ts';
import type { ControlArchive } from './deb.ts';

/** A package that has to be unpacked by dpkg itself; the message says why. */
export class NeedsDpkg extends Error {}

export interface UnpackedPackage {
  readonly name: string;
  readonly control: ControlArchive;
  /** Paths in the order of the package, each with its slash in front: `/etc/motd`. */
  readonly paths: readonly string[];
}

/** `libc6:amd64` where several architectures can be there side by side, else the bare name. */
export const nameInDatabase = ({ fields }: ControlArchive): string => {
  const name = fields.get('package');
  if (name === undefined)
    throw new IngotError('origin.package-damaged', 'a package has no name in its control file', {
      hint: PACKAGE_BUILT_WRONG,
    });
  return fields.get('multi-arch') === 'same' ? `${name}:${fields.get('architecture') ?? ''}` : name;
};

interface Conffile {
  readonly path: string;
  /** The package has it no more (deb-conffiles(5)): only its name is written down. */
  readonly isGone: boolean;
}

/** Conffiles as the package lists them; until they are configured they lie next to their place. */
export const conffilesOf = ({ files }: ControlArchive): Conffile[] =>
  parseConffiles(stanzaText(files.get('conffiles')?.content));

export const parseConffiles = (text: string): Conffile[] => {
  const lines = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return lines.map((line) => {
    const [, flag, path] = /^(?:(\S+)\s+)?(\/.*)$/.exec(line) ?? [];
    if (path === undefined || (flag !== undefined && flag !== GONE))
      throw new NeedsDpkg(`its conffile line is not understood here: ${line}`);
    return { path, isGone: flag === GONE };
  });
};

const GONE = 'remove-on-upgrade';

export const listOf = ({ paths }: UnpackedPackage): string => ['/.', ...paths].map((path) => `${path}\n`).join('');

/** The stanza of `status`, an empty line after it. dpkg later writes it in its own order of fields. */
export const statusOf = ({ control }: UnpackedPackage): string => {
  const [first = '', ...rest] = control.text.split('\n');
  const conffiles = conffilesOf(control).map(({ path, isGone }) => ` ${path} newconffile${isGone ? ` ${GONE}` : ''}`);
  const lines = [
    first,
    'Status: install ok unpacked',
    ...rest,
    ...(conffiles.length > 0 ? ['Conffiles:', ...conffiles] : []),
  ];
  return `${lines.join('\n')}\n\n`;
};

/** Lines for `triggers/File` (interests in paths) and for `triggers/NAME`. */
export const triggersOf = (packages: readonly UnpackedPackage[]): ReadonlyMap<string, string> => {
  const files = new Map<string, string>();
  for (const { control } of packages) {
    for (const line of stanzaText(control.files.get('triggers')?.content).split('\n')) {
      const [directive = '', trigger = ''] = words(line.replace(/#.*/, ''));
      if (!/^interest(-await|-noawait)?$/.test(directive)) continue;
      const who = `${nameInDatabase(control)}${directive === 'interest-noawait' ? '/noawait' : ''}\n`;
      const isPath = trigger.startsWith('/');
      const file = isPath ? 'File' : trigger;
      files.set(file, `${files.get(file) ?? ''}${isPath ? `${trigger} ` : ''}${who}`);
    }
  }
  return files;
};

export const stanzaText = (content: Buffer | undefined): string => content?.toString() ?? '';
