/**
 * What sysctl.d(5) sets at boot: of two files with one name the first folder's counts, of two lines the last. A key with `*` is for all
 * that no line names by itself; `-KEY` without a value takes a key out of these.
 */
import { posix } from 'node:path';
import type { Subject } from '../../inspect/subject.ts';
import { matchesPath } from '../../patterns.ts';

const FOLDERS = ['/etc/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'];

export interface SysctlValue {
  readonly value: string;
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** By its name, with dots or slashes; undefined where nothing sets it. */
export type SysctlSettings = (key: string) => SysctlValue | undefined;

export const sysctlSettings = async (files: Subject['files']): Promise<SysctlSettings> => {
  const paths = new Map<string, string>();
  for (const folder of FOLDERS)
    for (const { name } of await files.list(folder))
      if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, posix.join(folder, name));
  const ordered = [...paths].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, path]) => path);
  const found = new Map<string, SysctlValue>();
  const takenOut = new Set<string>();
  for (const path of ordered) {
    for (const [nth, line] of ((await files.text(path)) ?? '').split('\n').entries()) {
      const [, key, value] = /^\s*-?([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      const [, out] = /^\s*-([^#;=\s]+)\s*$/.exec(line) ?? [];
      if (out !== undefined) takenOut.add(nameOf(out));
      if (key === undefined || value === undefined) continue;
      const name = nameOf(key);
      // The last line counts, and the last of several patterns.
      found.delete(name);
      found.set(name, { value, path, line: nth + 1 });
    }
  }
  const patterns = [...found].filter(([name]) => name.includes('*')).reverse();
  return (key) => {
    const name = nameOf(key);
    const own = found.get(name);
    if (own !== undefined || takenOut.has(name)) return own;
    return patterns.find(([pattern]) => matchesPath([pattern], name))?.[1];
  };
};

/** As a path below /proc/sys. Whichever of the two comes first divides: `net/ipv4/conf/eth0.1/x` has a dot in a name. */
const nameOf = (key: string): string => {
  if (/^[^./]*\//.test(key)) return key;
  return key.replaceAll(/[./]/g, (letter) => (letter === '.' ? '/' : '.'));
};
