/**
 * What goes on an install medium, as the package debian-cd says it: which udebs are left out because they are in the
 * CD's initrd or of no use there, and which packages the installer may install.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unpackedByName } from './unpack.ts';
import type { Workshop } from './workshop.ts';

export interface DebianCd {
  /** Names of udebs that are not in the pool. */
  readonly leavesOut: (udeb: string) => boolean;
  /** Text of `.disk/udeb_include`. */
  readonly udebInclude: (type: 'netinst' | 'dvd') => string;
  /** Packages that components of the installer install. */
  readonly forInstaller: readonly string[];
  /** Packages that belong on the first disk of a set. */
  readonly forFirstDisk: readonly string[];
}

export const readDebianCd = async (workshop: Workshop): Promise<DebianCd> => {
  const folder = await unpackedByName(workshop, 'debian-cd');
  const { codename } = workshop.release;
  const read = (...parts: string[]) => readFile(join(folder, 'usr/share/debian-cd', ...parts), 'utf8');
  const excluded = await Promise.all(
    ['exclude-udebs', 'exclude-udebs-amd64'].map((name) => read('data', codename, name)),
  );
  const patterns = excluded.flatMap(linesOf).map(patternOf);
  const include = {
    netinst: await read('data', codename, 'amd64_netinst_udeb_include'),
    dvd: await read('data', codename, 'amd64_udeb_include'),
  };
  return {
    leavesOut: (udeb) => patterns.some((pattern) => pattern.test(udeb)),
    udebInclude: (type) => include[type],
    forInstaller: packagesOf(/<< EOF\n([\s\S]*?)\nEOF\n/.exec(await read('tools/generate_di+k_list'))?.[1] ?? ''),
    forFirstDisk: packagesOf(await read('tasks', codename, 'forcd1')),
  };
};

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

const patternOf = (line: string): RegExp =>
  new RegExp(`^${line.replaceAll(/[.+?()[\]{}|^$]/g, '\\$&').replaceAll('*', '.*')}$`);

/** The lists are written for the C preprocessor. */
const packagesOf = (text: string): string[] => {
  const names: string[] = [];
  const branches: boolean[] = [];
  for (const line of linesOfList(text)) {
    const [, condition, symbol] = /^#\s*(if\w*)\s+(.*)$/.exec(line) ?? [];
    if (condition === 'ifdef') branches.push(symbol === 'ARCH_amd64');
    else if (condition === 'ifndef') branches.push(symbol !== 'ARCH_amd64');
    else if (condition !== undefined) branches.push(false);
    else if (/^#\s*endif/.test(line)) branches.pop();
    else if (!line.startsWith('#') && !branches.includes(false)) names.push(line);
  }
  return [...new Set(names)];
};

const linesOfList = (text: string): string[] =>
  text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
