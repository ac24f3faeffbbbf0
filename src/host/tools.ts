/** The programs and files a host must have, from `bin/host-packages.txt`; versions where they shape a result. */
import { access, constants, readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { IngotError } from '../errors.ts';
import { commandFolders } from './command-line.ts';
import { projectFolder } from './project.ts';
import { run } from './run.ts';

export type NeededFor = 'always' | 'assemble' | 'uefi' | 'ansible' | 'openscap' | 'test';

export interface HostPackage {
  /** Debian package. */
  readonly name: string;
  /** A command or an absolute path; when it is there, the package is installed. */
  readonly shows: string;
  readonly neededFor: NeededFor;
}

/** What one kind of step or check needs. */
export const OF_ONE_KIND: ReadonlySet<NeededFor> = new Set(['ansible', 'openscap']);

const KINDS: readonly string[] = ['always', 'assemble', 'uefi', 'ansible', 'openscap', 'test'];
const isNeededFor = (word: string | undefined): word is NeededFor => KINDS.includes(word ?? '');

export const hostPackages = async (): Promise<HostPackage[]> => {
  const text = await readFile(join(projectFolder, 'bin', 'host-packages.txt'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((line) => {
      const [name, shows, neededFor] = line.split(/\s+/);
      return name && shows && isNeededFor(neededFor) ? [{ name, shows, neededFor }] : [];
    });
};

export const isInstalled = async (item: HostPackage): Promise<boolean> => {
  const candidates = isAbsolute(item.shows) ? [item.shows] : commandFolders().map((folder) => join(folder, item.shows));
  const found = await Promise.all(
    candidates.map((path) =>
      access(path, constants.R_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
};

/** Throws `host.tool-missing` with one apt line for all that is missing. */
export const requireTools = async (kinds: readonly NeededFor[]): Promise<void> => {
  const needed = (await hostPackages()).filter((item) => kinds.includes(item.neededFor));
  const there = await Promise.all(needed.map(isInstalled));
  const missing = needed.filter((_, index) => !there[index]);
  if (missing.length === 0) return;
  throw new IngotError('host.tool-missing', `missing on this host: ${missing.map((item) => item.shows).join(', ')}`, {
    hint: `apt-get install ${missing.map((item) => item.name).join(' ')}`,
  });
};

/** How each is asked. */
const ASKED = {
  'qemu-system-x86_64': '--version',
  'qemu-img': '--version',
  xorriso: '--version',
  mke2fs: '-V',
  'mkfs.fat': '--help',
  mcopy: '-V',
  sfdisk: '--version',
} as const;

const versions = new Map<string, Promise<string>>();

/** The version a tool states of itself: `7.2.22` for QEMU. One process a tool. */
export const toolVersion = (command: keyof typeof ASKED): Promise<string> => {
  const known = versions.get(command);
  if (known !== undefined) return known;
  const asked = run(command, [ASKED[command]]).then(({ stdout, stderr }) => {
    const version = /(\d+\.\d+(\.\d+)*)/.exec(stdout || stderr)?.[1];
    if (version === undefined)
      throw new IngotError('host.tool-unknown-version', `${command} prints no version`, {
        hint: `Run \`${command} ${ASKED[command]}\`: does another program of this name come first in PATH (\`type -a ${command}\`)?`,
      });
    return version;
  });
  versions.set(command, asked);
  return asked;
};
