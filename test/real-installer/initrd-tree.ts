/** The entries of an initrd by path, to be changed. Folders that are links (`lib` to `usr/lib`) are followed. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IngotError, none } from '../../src/errors.ts';
import type { Content, CpioEntry } from '../../src/formats/archives/cpio.ts';
import { readCpio } from '../../src/formats/archives/cpio-reader.ts';
import { linkageOf } from './elf.ts';

export type Entry = CpioEntry<Content>;

export class InitrdTree {
  readonly #entries: Map<string, Entry>;

  constructor(entries: readonly Entry[]) {
    this.#entries = new Map(entries.map((entry) => [entry.path, entry]));
  }

  /** Where a path really is. */
  resolve(path: string): string {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const entry = this.#entries.get(parts.slice(0, depth).join('/'));
      if (entry?.type !== 'symlink') continue;
      const target = join('/', parts.slice(0, depth - 1).join('/'), entry.target).slice(1);
      return this.resolve([target, ...parts.slice(depth)].join('/'));
    }
    return path;
  }

  entries(): Entry[] {
    return [...this.#entries.values()];
  }

  put(entry: Entry): void {
    const path = this.resolve(entry.path);
    // A folder over what is there, a link perhaps, would change it.
    if (entry.type === 'directory' && this.#entries.has(path)) return;
    this.#entries.set(path, { ...entry, path });
  }

  remove(path: string): void {
    this.#entries.delete(this.resolve(path));
  }

  removeBelow(folder: string): void {
    const root = this.resolve(`${folder}/`);
    for (const path of this.#entries.keys()) if (path.startsWith(root)) this.#entries.delete(path);
  }

  /** Takes a file out. */
  take(pattern: RegExp): Entry | undefined {
    const entry = this.entries().find(({ type, path }) => type === 'file' && pattern.test(path));
    if (entry !== undefined) this.#entries.delete(entry.path);
    return entry;
  }

  text(path: string): string {
    const entry = this.#entries.get(this.resolve(path));
    if (entry?.type !== 'file' || !(entry.content instanceof Uint8Array))
      throw new IngotError('real-installer.initrd', `the initrd has no ${path}`, { hint: none('a fault of the test') });
    return Buffer.from(entry.content).toString('utf8');
  }

  change(pattern: RegExp, change: (text: string) => string): void {
    for (const entry of this.entries()) {
      if (entry.type !== 'file' || !pattern.test(entry.path)) continue;
      const { content } = entry;
      if (content instanceof Uint8Array)
        this.#entries.set(entry.path, { ...entry, content: change(Buffer.from(content).toString('utf8')) });
    }
  }
}

export const readTree = async (initrd: string): Promise<InitrdTree> => {
  const entries: Entry[] = [];
  for await (const entry of readCpio(createReadStream(initrd), () => true))
    entries.push(entry.type === 'file' ? { ...entry, content: entry.content ?? new Uint8Array() } : entry);
  return new InitrdTree(entries);
};

export const contentOf = async (entry: Entry): Promise<Uint8Array | string> => {
  if (entry.type !== 'file') return '';
  return typeof entry.content === 'object' && 'file' in entry.content ? readFile(entry.content.file) : entry.content;
};

/** Throws when a program or library needs a library that is not there. */
export const requireLibraries = async (tree: InitrdTree): Promise<void> => {
  const there = new Set(tree.entries().map(({ path }) => basename(path)));
  const lacking = new Set<string>();
  for (const entry of tree.entries()) {
    if (entry.type !== 'file' || entry.path.includes('lib/modules/')) continue;
    const content = await contentOf(entry);
    if (typeof content === 'string') continue;
    for (const library of linkageOf(Buffer.from(content))?.libraries ?? [])
      if (!there.has(library)) lacking.add(`${entry.path} needs ${library}`);
  }
  if (lacking.size === 0) return;
  throw new IngotError('real-installer.initrd', 'libraries are missing in the initrd', {
    detail: [...lacking].join('\n'),
    hint: none('a fault of the test'),
  });
};
