/**
 * The links of the documents: each file and heading that one names is there, and so are pages that the code names. The
 * guide names every page.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const NOT_OURS = new Set(['node_modules', '.git', '.node', '.tap', '.test-store', 'out', 'dist']);

const filesBelow = async (folder: string): Promise<string[]> => {
  const items = await readdir(folder, { withFileTypes: true });
  const found = items
    .filter(({ name }) => !NOT_OURS.has(name))
    .map(async (item): Promise<string[]> => {
      const path = join(folder, item.name);
      if (item.isDirectory()) return filesBelow(path);
      return item.isFile() && /\.(md|ts|yaml|ejs|sh)$/.test(item.name) ? [path] : [];
    });
  return (await Promise.all(found)).flat().sort();
};

/** The text without code, in as many lines. */
const withoutCode = (text: string): string =>
  text
    .replaceAll(/^( *)(```|~~~).*?^ *\2 *$/gms, (block) => block.replaceAll(/[^\n]/g, ''))
    .replaceAll(/(`+)[^`\n]+\1/g, '');

/** What a heading can be linked by: as web pages of repositories make it, counted where it comes twice. */
const anchorsOf = (text: string): ReadonlySet<string> => {
  const anchors = new Set<string>();
  const outside = text.replaceAll(/^( *)(```|~~~).*?^ *\2 *$/gms, '');
  for (const [, title = ''] of outside.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const words = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = words.replaceAll(/[^\p{L}\p{N}\-_ ]/gu, '').replaceAll(' ', '-');
    let anchor = name;
    for (let nth = 1; anchors.has(anchor); nth++) anchor = `${name}-${nth}`;
    anchors.add(anchor);
  }
  return anchors;
};

interface Link {
  /** file:line */
  readonly where: string;
  readonly target: string;
}

const linksOf = (path: string, text: string): Link[] =>
  withoutCode(text)
    .split('\n')
    .flatMap((line, index) =>
      Array.from(line.matchAll(/\]\(([^()\s]+)\)/g), ([, target = '']) => ({ where: `${path}:${index + 1}`, target })),
    )
    .filter(({ target }) => !/^[a-z]+:/.test(target));

/** What is wrong with the links of all documents below a folder, a line each. */
export const brokenLinks = async (root: string): Promise<string[]> => {
  const files = await filesBelow(root);
  const documents = files.filter((path) => path.endsWith('.md'));
  const texts = new Map(
    await Promise.all(documents.map(async (path) => [path, await readFile(path, 'utf8')] as const)),
  );
  const problems: string[] = [];
  const reached = new Set<string>();
  for (const [document, text] of texts) {
    for (const { where, target } of linksOf(relative(root, document), text)) {
      const [name = '', anchor] = target.split('#');
      const path = name === '' ? document : join(dirname(document), name);
      if (dirname(document) === join(root, 'docs') && document.endsWith('README.md')) reached.add(path);
      if (!(await stat(path).catch(() => undefined))) problems.push(`${where}: there is no ${target}`);
      else if (anchor !== undefined && !anchorsOf(texts.get(path) ?? '').has(anchor))
        problems.push(`${where}: there is no heading for ${target}`);
    }
  }
  // Hints, comments and the changelog name pages in words.
  for (const path of files.filter((file) => !file.startsWith(join(root, 'test')))) {
    for (const [name] of (await readFile(path, 'utf8')).matchAll(/\bdocs\/[a-z0-9-]+\.md\b/g))
      if (!texts.has(join(root, name))) problems.push(`${relative(root, path)}:1: there is no ${name}`);
  }
  const guide = join(root, 'docs', 'README.md');
  for (const path of documents)
    if (dirname(path) === dirname(guide) && path !== guide && !reached.has(path))
      problems.push(`docs/README.md:1: the guide does not name ${relative(dirname(guide), path)}`);
  return problems;
};
