/** The files that a playbook takes to the guest as they are: those of `script`, and what `copy` and `template` name. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseDocument } from 'yaml';

const MODULE = /^(?:ansible\.(?:builtin|legacy)\.)?(script|copy|template)$/;

export interface PlaybookFile {
  readonly path: string;
  /** Rendered before it goes to the guest. */
  readonly isTemplate: boolean;
}

/** Files that are there and can be read (ansible reports the others), named by the playbook itself and by the tasks of the roles next to it. */
export const playbookFiles = async (playbook: string): Promise<PlaybookFile[]> => {
  const folder = dirname(playbook);
  const roles = await namesIn(join(folder, 'roles'));
  const found: PlaybookFile[] = [...(await namedIn(playbook, folder))];
  for (const role of roles) {
    const base = join(folder, 'roles', role);
    for (const part of ['tasks', 'handlers'])
      for (const name of (await namesIn(join(base, part))).filter((name) => /\.ya?ml$/.test(name)))
        found.push(...(await namedIn(join(base, part, name), base)));
  }
  return [...new Map(found.map((file) => [file.path, file])).values()];
};

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** As ansible looks for them: in the folders for such files, then next to the file that names them. */
const namedIn = async (file: string, base: string): Promise<PlaybookFile[]> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  const found: PlaybookFile[] = [];
  for (const { module, name } of namesOf(parseDocument(text, { logLevel: 'silent' }).toJS({ maxAliasCount: 100 }))) {
    const places = [join(base, module === 'template' ? 'templates' : 'files'), base, dirname(file)];
    for (const place of places) {
      const path = name.startsWith('/') ? name : join(place, name);
      if ((await namesIn(dirname(path))).includes(basename(path))) {
        found.push({ path, isTemplate: module === 'template' });
        break;
      }
    }
  }
  return found;
};

interface Named {
  readonly module: string;
  readonly name: string;
}

const namesOf = (value: unknown): Named[] => {
  if (Array.isArray(value)) return value.flatMap(namesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const [, module] = MODULE.exec(key) ?? [];
    return [...(module === undefined ? [] : named(module, part)), ...namesOf(part)];
  });
};

/** `script: setup.sh --fast`, `script: {cmd: …}`, `copy: {src: …}`, `copy: src=… dest=…`; names with variables are not known. */
const named = (module: string, value: unknown): Named[] => {
  const given =
    typeof value === 'string'
      ? module === 'script'
        ? value.trim().split(/\s+/)[0]
        : /(?:^|\s)src=(\S+)/.exec(value)?.[1]
      : typeof value === 'object' && value !== null
        ? Object.entries(value).find(([key]) => key === (module === 'script' ? 'cmd' : 'src'))?.[1]
        : undefined;
  const name = typeof given === 'string' ? (module === 'script' ? given.trim().split(/\s+/)[0] : given) : undefined;
  return name === undefined || name === '' || name.includes('{{') ? [] : [{ module, name }];
};
