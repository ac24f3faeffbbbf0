/**
 * The files that a playbook takes to the guest as they are: those of `script`, and what `copy` and `template` name; with what it imports
 * and includes, and the roles that it uses.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import { filesBelow } from './copied-files.ts';

const PREFIX = '(?:ansible\\.(?:builtin|legacy)\\.)?';
const MODULE = new RegExp(`^${PREFIX}(script|copy|template)$`);
const TASKS = new RegExp(`^${PREFIX}(?:include|import)_tasks$`);
const PLAYBOOK = new RegExp(`^${PREFIX}import_playbook$`);
const ROLE = new RegExp(`^${PREFIX}(?:include|import)_role$`);

export interface PlaybookFile {
  readonly path: string;
  readonly module: 'script' | 'copy' | 'template';
}

export interface PlaybookParts {
  /** Those that are there and can be read (ansible reports the others). */
  readonly files: readonly PlaybookFile[];
  /** Of all plays and tasks that were read. */
  readonly text: string;
  /** All that it imports, includes and uses lies beside it. */
  readonly isWhole: boolean;
}

/** More of them are a mistake, such as files that name each other. */
const MOST_FILES = 1000;

export const playbookParts = async (playbook: string): Promise<PlaybookParts> => {
  const found = new Map<string, PlaybookFile>();
  const texts: string[] = [];
  let isWhole = true;
  const seen = new Set<string>();
  const folder = dirname(playbook);
  const open: Source[] = [{ file: playbook, base: folder }];
  for (let source = open.shift(); source !== undefined && seen.size < MOST_FILES; source = open.shift()) {
    if (seen.has(source.file)) continue;
    seen.add(source.file);
    const read = await readSource(source, folder);
    for (const one of read.files) found.set(one.path, one);
    open.push(...read.sources);
    texts.push(read.text);
    isWhole &&= read.isWhole;
  }
  return { files: [...found.values()], text: texts.join('\n'), isWhole };
};

/** A file of plays or tasks, and the folder in which ansible looks for what it names: the playbook's, or the role's. */
interface Source {
  readonly file: string;
  readonly base: string;
}

interface Named {
  readonly kind: 'file' | 'tasks' | 'playbook' | 'role';
  readonly module?: PlaybookFile['module'];
  readonly name: string;
}

const readSource = async ({ file, base }: Source, folder: string) => {
  const text = await readFile(file, 'utf8').catch(() => '');
  const files: PlaybookFile[] = [];
  const sources: Source[] = [];
  let isWhole = true;
  const isYaml = /\.ya?ml$/.test(file);
  const told =
    isYaml || basename(file) === 'main'
      ? parseDocument(text, { logLevel: 'silent' }).toJS({ maxAliasCount: 100 })
      : undefined;
  for (const { kind, module, name } of namesOf(told, [])) {
    if (kind === 'role') {
      const parts = await roleSources(name, base, folder);
      sources.push(...parts);
      isWhole &&= parts.length > 0;
    } else if (module === undefined) {
      const path = await firstThere(name, [dirname(file), join(base, 'tasks'), base]);
      if (path === undefined) isWhole = false;
      else sources.push({ file: path, base: kind === 'playbook' ? dirname(path) : base });
    } else {
      const kindFolder = join(base, module === 'template' ? 'templates' : 'files');
      const path = await firstThere(name, [kindFolder, base, dirname(file)]);
      if (path === undefined) continue;
      const inside = module === 'copy' ? await filesBelow(path) : undefined;
      files.push(...(inside ?? ['']).map((below): PlaybookFile => ({ path: join(path, below), module })));
    }
  }
  return { files, sources, text, isWhole };
};

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

const firstThere = async (name: string, places: readonly string[]): Promise<string | undefined> => {
  for (const place of name.startsWith('/') ? [''] : places) {
    const path = join(place, name);
    if ((await stat(path).catch(() => undefined)) !== undefined) return path;
  }
  return undefined;
};

/** By its name beside the playbook, or by its path; with the roles that its `meta/main.yml` names. */
const roleSources = async (name: string, base: string, folder: string): Promise<Source[]> => {
  const role = await firstThere(name, [join(folder, 'roles'), folder, join(base, '..'), base]);
  if (role === undefined) return [];
  const found: Source[] = [];
  for (const part of ['tasks', 'handlers', 'meta'])
    for (const one of await namesIn(join(role, part)))
      if (/^main(\.ya?ml)?$/.test(one)) found.push({ file: join(role, part, one), base: role });
  return found;
};

/** `loop`: the words that `{{ item }}` stands for, where they are written out. */
const namesOf = (value: unknown, loop: readonly string[]): Named[] => {
  if (Array.isArray(value)) return value.flatMap((one) => namesOf(one, loop));
  if (!isMap(value)) return [];
  const items = wordsIn(value['loop'] ?? value['with_items'] ?? value['with_list']);
  const own = items.length > 0 ? items : loop;
  return Object.entries(value).flatMap(([key, part]) => [...namedBy(key, part, own), ...namesOf(part, own)]);
};

const namedBy = (key: string, part: unknown, loop: readonly string[]): Named[] => {
  const [, module] = MODULE.exec(key) ?? [];
  const all = (kind: Named['kind'], names: readonly unknown[], more: Partial<Named> = {}): Named[] =>
    names.flatMap((name) =>
      typeof name === 'string' && name !== ''
        ? expanded(name, loop).map((one): Named => ({ ...more, kind, name: one }))
        : [],
    );
  if (module === 'script' || module === 'copy' || module === 'template')
    return all('file', [givenTo(module, part)], { module });
  if (TASKS.test(key)) return all('tasks', [isMap(part) ? part['file'] : part]);
  if (PLAYBOOK.test(key)) return all('playbook', [part]);
  if (ROLE.test(key)) return all('role', [isMap(part) ? part['name'] : undefined]);
  if ((key === 'roles' || key === 'dependencies') && Array.isArray(part))
    return all(
      'role',
      part.map((one) => (isMap(one) ? (one['role'] ?? one['name']) : one)),
    );
  return [];
};

/** Names with other variables are not known. */
const expanded = (name: string, loop: readonly string[]): string[] => {
  const names = /\{\{\s*item\s*\}\}/.test(name)
    ? loop.map((word) => name.replaceAll(/\{\{\s*item\s*\}\}/g, () => word))
    : [name];
  return names.filter((one) => !one.includes('{{'));
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const wordsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** `script: setup.sh --fast`, `script: {cmd: …}`, `copy: {src: …}`, `copy: src=… dest=…`. */
const givenTo = (module: PlaybookFile['module'], value: unknown): string | undefined => {
  const given = isMap(value)
    ? value[module === 'script' ? 'cmd' : 'src']
    : typeof value === 'string' && module !== 'script'
      ? /(?:^|\s)src=(\S+)/.exec(value)?.[1]
      : value;
  if (typeof given !== 'string') return undefined;
  // Blanks inside of `{{ item }}` end no word.
  return module === 'script' ? /^\s*((?:\{\{.*?\}\}|\S)+)/.exec(given)?.[1] : given;
};
