/** grub.cfg as a tree of commands, and the boot entries in it. */
import type { MenuEntry } from './entry.ts';
import { type GrubToken, tokensOf } from './grub-lexer.ts';

export interface GrubCommand {
  /** The words, without leading `then`, `else`, `do`. */
  readonly words: readonly GrubToken[];
  readonly name: string;
  readonly start: number;
  /** How many if, for, while and until surround it in its block. */
  readonly depth: number;
  /** What is in braces after it (menuentry, submenu, function). */
  readonly block: readonly GrubCommand[] | undefined;
  /** Where the text between these braces begins and ends. */
  readonly body: readonly [number, number] | undefined;
}

export interface GrubEntry extends MenuEntry {
  readonly linux: GrubCommand | undefined;
  readonly command: GrubCommand;
}

const LEADING = new Set(['then', 'else', 'do', 'elif', 'if', 'while', 'until']);
const OPENS = new Set(['if', 'for', 'while', 'until']);
const CLOSES = new Set(['fi', 'done']);

export const parseGrub = (text: string): GrubCommand[] => {
  const tokens = tokensOf(text);
  let at = 0;
  const endOf = (index: number): number => (tokens[index]?.kind === 'close' ? tokens[index].start : text.length);
  const block = (): GrubCommand[] => {
    const commands: GrubCommand[] = [];
    let depth = 0;
    while (at < tokens.length) {
      const words: GrubToken[] = [];
      while (tokens[at]?.kind === 'word') words.push(...tokens.slice(at, ++at));
      const next = tokens[at++];
      if (next?.kind === 'close' && words.length === 0) break;
      const inside = next?.kind === 'open' ? block() : undefined;
      const first = words[0];
      if (first !== undefined) {
        if (CLOSES.has(first.raw)) depth--;
        // What closed the block is the last token that was read.
        const body = next === undefined || inside === undefined ? undefined : ([next.end, endOf(at - 1)] as const);
        commands.push({ ...commandOf(words, first, depth), block: inside, body });
        if (OPENS.has(first.raw)) depth++;
      }
      if (next?.kind === 'close') break;
    }
    return commands;
  };
  return block();
};

const commandOf = (
  words: readonly GrubToken[],
  first: GrubToken,
  depth: number,
): Omit<GrubCommand, 'block' | 'body'> => {
  const skipped = words.length > 1 && LEADING.has(first.raw) ? words.slice(1) : words;
  return { words: skipped, name: skipped[0]?.value ?? '', start: first.start, depth };
};

/** Commands in the order of the text, those inside blocks too. */
export const allCommands = (commands: readonly GrubCommand[]): GrubCommand[] =>
  commands.flatMap((command) => [command, ...allCommands(command.block ?? [])]);

/** Some media keep the command's name in a variable. */
export const LINUX = /^(linux(efi|16)?|\$\{?linux\w*\}?)$/;
export const INITRD = /^(initrd(efi|16)?|\$\{?initrd\w*\}?)$/;

const MULTIBOOT = /^(multiboot2?|module2?|xen_hypervisor|xen_module)$/;

/** All menu entries, those of submenus too. */
export const grubEntries = (text: string): GrubEntry[] =>
  allCommands(parseGrub(text))
    .filter(({ name, block }) => name === 'menuentry' && block !== undefined)
    .map(entryOf);

const entryOf = (command: GrubCommand): GrubEntry => {
  const inside = allCommands(command.block ?? []);
  const linux = inside.find(({ name }) => LINUX.test(name));
  const initrd = inside.find(({ name }) => INITRD.test(name));
  const root = inside.findLast(({ name, words }) => name === 'set' && words[1]?.value.startsWith('root='));
  const modules = inside.flatMap(({ name, words }) =>
    MULTIBOOT.test(name)
      ? words
          .slice(1)
          .flatMap(({ value }) => (value.startsWith('--') ? [] : [value]))
          .slice(0, 1)
      : [],
  );
  const { title, id } = headOf(command.words.slice(1));
  return {
    id: id ?? title,
    title,
    kernel: linux?.words[1]?.value,
    initrds: initrd?.words.slice(1).map(({ value }) => value) ?? [],
    arguments: linux?.words.slice(2).map(({ value }) => value) ?? [],
    linux,
    command,
    ...(modules.length === 0 ? {} : { modules }),
    ...(root === undefined ? {} : { root: root.words[1]?.value.slice('root='.length) }),
  };
};

/** Options of menuentry and submenu that take a value (grub-core/commands/menuentry.c). */
const WITH_VALUE = /^(--(class|users|hotkey|source|id)|\$\{?menuentry_id_option\}?)$/;

const headOf = (words: readonly GrubToken[]): { title: string; id: string | undefined } => {
  let title: string | undefined;
  let id: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]?.value ?? '';
    if (WITH_VALUE.test(word)) {
      const value = words[++index]?.value;
      if (/id/.test(word.replace('--class', ''))) id = value;
    } else if (word.startsWith('--id=')) id = word.slice('--id='.length);
    else if (!word.startsWith('--')) title ??= word;
  }
  return { title: title ?? '', id };
};

export interface GrubSource {
  /** `source` (or `.`) reads a file as if its text were here, `configfile` hands over to it. */
  readonly kind: 'source' | 'configfile';
  /** As written. */
  readonly path: string;
}

export const sourcesOf = (text: string): GrubSource[] =>
  allCommands(parseGrub(text)).flatMap(({ name, words }): GrubSource[] => {
    const path = words[1]?.value;
    if (path === undefined) return [];
    if (name === 'source' || name === '.') return [{ kind: 'source', path }];
    return name === 'configfile' ? [{ kind: 'configfile', path }] : [];
  });
