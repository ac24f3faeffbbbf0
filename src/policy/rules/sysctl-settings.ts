/** What sysctl.d(5) sets at boot: of two files with one name the first folder's counts, of two lines the last. */
import { posix } from 'node:path';
import type { Subject } from '../../inspect/subject.ts';

const FOLDERS = ['/etc/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'];

export const sysctlSettings = async (files: Subject['files']): Promise<ReadonlyMap<string, string>> => {
  const paths = new Map<string, string>();
  for (const folder of FOLDERS)
    for (const { name } of await files.list(folder))
      if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, posix.join(folder, name));
  const ordered = [...paths].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, path]) => path);
  const found = new Map<string, string>();
  for (const path of ordered) {
    for (const line of ((await files.text(path)) ?? '').split('\n')) {
      const [, key, value] = /^\s*-?([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) found.set(nameOf(key), value);
    }
  }
  return found;
};

/** Whichever of the two comes first divides: `net/ipv4/conf/eth0.1/x` has a dot in a name. */
const nameOf = (key: string): string => {
  const isSlashed = /^[^./]*\//.test(key);
  return isSlashed ? key.replaceAll('/', '.') : key;
};
