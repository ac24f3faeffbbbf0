/**
 * What dpkg writes down when it unpacks a package on a system that never had it: its control files below `info/`, its
 * stanza in `status`, its interests in `triggers/` (dpkg's doc/triggers.txt, lib/dpkg/dump.c, src/main/unpack.c).
 */
import { IngotError } from '../../../errors.ts';
import { words } from '../control.ts';
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
  if (name === undefined) throw new IngotError('origin.package-damaged', 'a package has no name in its control file');
  return fields.get('multi-arch') === 'same' ? `${name}:${fields.get('architecture') ?? ''}` : name;
};

/** Conffiles as the package lists them; until they are configured they lie beside their place. */
export const conffilesOf = ({ files }: ControlArchive): string[] => {
  const lines = textOf(files.get('conffiles')?.content)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const flagged = lines.find((line) => !line.startsWith('/'));
  if (flagged !== undefined) throw new NeedsDpkg(`its conffile line says more than a path: ${flagged}`);
  return lines.map((line) => line.trimEnd());
};

export const listOf = ({ paths }: UnpackedPackage): string => ['/.', ...paths].map((path) => `${path}\n`).join('');

/** The stanza of `status`, an empty line behind it. dpkg writes it anew in its own order of fields. */
export const statusOf = ({ control }: UnpackedPackage): string => {
  const [first = '', ...rest] = control.text.split('\n');
  const conffiles = conffilesOf(control).map((path) => ` ${path} newconffile`);
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
    for (const line of textOf(control.files.get('triggers')?.content).split('\n')) {
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

/** Throws `NeedsDpkg` for a preinst that changes where or how dpkg unpacks. */
export const checkPreinst = ({ files }: ControlArchive): void => {
  const script = textOf(files.get('preinst')?.content).replaceAll(/^\s*#.*$/gm, '');
  const found = /dpkg-(?:divert|statoverride)/.exec(script)?.[0];
  if (found !== undefined) throw new NeedsDpkg(`its preinst calls ${found}`);
};

const textOf = (content: Buffer | undefined): string => content?.toString() ?? '';
