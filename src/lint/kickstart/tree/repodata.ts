/**
 * What a repository's metadata say (createrepo_c's repomd.xml, primary.xml, comps.xml, modules.yaml): names only. The
 * list of packages has hundreds of megabytes and is taken package by package.
 */
import { IngotError } from '../../../errors.ts';
import { ByteSource, type Pieces } from '../../../formats/byte-source.ts';
import { expand, isCompressed } from '../../../formats/compression/compression.ts';

/** The path of each kind of data below the repository. */
export const parseRepomd = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/<data\s[^>]*type="([^"]+)"[^>]*>([\s\S]*?)<\/data>/g)].flatMap(([, type = '', body = '']) => {
      const href = /<location\s[^>]*href="([^"]+)"/.exec(body)?.[1];
      return href === undefined ? [] : [[type, unescaped(href)] as const];
    }),
  );

export interface PackageNames {
  readonly names: Set<string>;
  /** Without those that have parentheses, which are most of them, and files. */
  readonly provides: Set<string>;
}

const PACKAGE_END = '</package>';

export const readPrimary = async (content: Pieces, { names, provides }: PackageNames): Promise<void> => {
  let rest = '';
  for await (const piece of textPieces(content)) {
    rest += piece;
    const end = rest.lastIndexOf(PACKAGE_END);
    if (end < 0) continue;
    takePackages(rest.slice(0, end), names, provides);
    rest = rest.slice(end + PACKAGE_END.length);
  }
};

const takePackages = (text: string, names: Set<string>, provides: Set<string>): void => {
  for (const one of text.split(PACKAGE_END)) {
    const name = /<name>([^<]*)<\/name>/.exec(one)?.[1];
    if (name !== undefined) names.add(unescaped(name));
    const list = one.slice(one.indexOf('<rpm:provides>'), one.indexOf('</rpm:provides>'));
    for (const [, provided = ''] of list.matchAll(/<rpm:entry\s[^>]*?name="([^"(/]*)"/g))
      provides.add(unescaped(provided));
  }
};

export interface Comps {
  /** Identifiers and names, in small letters: that is how they are looked up. */
  readonly groups: readonly string[];
  readonly environments: readonly string[];
}

export const readComps = async (content: Pieces): Promise<Comps> => {
  const text = (await Array.fromAsync(textPieces(content))).join('');
  const called = (kind: string): string[] =>
    [...text.matchAll(new RegExp(`<${kind}>([\\s\\S]*?)</${kind}>`, 'g'))].flatMap(([, body = '']) =>
      [...body.matchAll(/<(?:id|name)(?:\s[^>]*)?>([^<]*)<\/(?:id|name)>/g)].map(([, name = '']) =>
        unescaped(name).toLowerCase(),
      ),
    );
  return { groups: called('group'), environments: called('environment') };
};

/** Streams of modules by name. */
export const readModules = async (content: Pieces): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const text = (await Array.fromAsync(textPieces(content))).join('');
  const modules = new Map<string, Set<string>>();
  for (const document of text.split(/^---/m)) {
    const value = (key: string) => new RegExp(`^\\s+${key}:\\s*["']?([^"'\\s]+)`, 'm').exec(document)?.[1];
    const name = value('name') ?? value('module');
    const stream = value('stream');
    if (name === undefined) continue;
    const streams = modules.get(name) ?? new Set();
    if (stream !== undefined) streams.add(stream);
    modules.set(name, streams);
  }
  return modules;
};

/** Far above what the largest distributions have. */
const MOST = 4 * 2 ** 30;

async function* textPieces(content: Pieces): AsyncGenerator<string> {
  await using source = new ByteSource(content);
  const decoder = new TextDecoder();
  const bytes = (await isCompressed(source)) ? expand(source) : plain(source);
  let taken = 0;
  for await (const piece of bytes) {
    taken += piece.length;
    if (taken > MOST)
      throw new IngotError('usage.tree', 'the metadata of this tree is too large (more than 4 GiB)', {
        hint: 'Is it a repository?',
      });
    yield decoder.decode(piece, { stream: true });
  }
}

async function* plain(source: ByteSource): AsyncGenerator<Buffer> {
  for (let piece = await source.piece(65536); piece; piece = await source.piece(65536)) yield piece;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const unescaped = (text: string): string =>
  text.replaceAll(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '');
