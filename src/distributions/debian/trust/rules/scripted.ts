/** What maintainer scripts, which are signed, say in so many words: modes and owners of a package's own files, folders in /usr/local, catalogs. */
import { posix } from 'node:path';
import type { FileNode } from '../../../../capture/file-tree.ts';
import { type Check, eachLine, leadsTo } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import type { DebianFacts } from '../facts.ts';
import { commandsOf, formsOf, type Scripts } from '../spelt.ts';

/** Words of each line of a script that names the path whole. */
const linesNaming = (scripts: Scripts, path: string): (readonly string[])[] => {
  const forms = formsOf(path).flatMap((form) => [form, `${form}/`]);
  return commandsOf(scripts).flatMap(({ words, lineWords }) =>
    forms.some((form) => words.has(form)) ? lineWords.filter((line) => forms.some((form) => line.includes(form))) : [],
  );
};

/** What is copied or linked stands before its new name. */
const isBefore = (line: readonly string[], source: string, names: readonly string[]): boolean => {
  const at = line.indexOf(source);
  return at >= 0 && names.some((name) => line.lastIndexOf(name) > at);
};

/** `ln -s TARGET PATH`. */
const linkedByScript: Check = ({ path, target = '' }, { scripts }) =>
  linesNaming(scripts, path).some((line) => line.includes('ln') && isBefore(line, target, [path]))
    ? undefined
    : 'no package’s script makes it';

/** `mkdir PATH` or `install -d PATH`, with the mode and owner that its lines say, or root's. */
const folderByScript: Check = (file, facts) => {
  const isMade = linesNaming(facts.scripts, file.path).some(
    (line) => line.includes('mkdir') || (line.includes('install') && line.some((word) => /^-\w*d/.test(word))),
  );
  if (!isMade) return 'no package’s script makes it';
  if (file.mode === 0o755 && facts.ownerOf(file) === 'root:root') return undefined;
  return isGiven(file, facts, { mode: 0o755, owner: 'root:root' });
};

/** `cp FILE PATH`, where a signed package has the file; `cp FILE NAME` after `cd FOLDER`. */
const copiedByScript: Check = (file, { scripts, signed, digest }) => {
  const [folder, name] = [posix.dirname(file.path), posix.basename(file.path)];
  const sha256 = digest(file);
  const isCopied = commandsOf(scripts).some(({ lineWords, words }) =>
    lineWords.some((line) => {
      const names = [...formsOf(file.path), ...(words.has(folder) ? [name] : [])];
      return (
        line.some((word) => COPIES.has(word)) &&
        line.some((word) => word.startsWith('/') && signed(word)?.sha256 === sha256 && isBefore(line, word, names))
      );
    }),
  );
  return isCopied && sha256 !== undefined ? undefined : 'no package’s script copies it there';
};

const COPIES: ReadonlySet<string> = new Set(['cp', 'install', 'ucf']);

/** `echo 'LINE' > PATH`: each line of the file is a whole text in quotation marks, in a line of a script that names the file. */
const writtenByScript: Check = async ({ path }, { scripts, text }) => {
  const written = new Set(
    commandsOf(scripts).flatMap(({ lines, lineWords }) =>
      lines.flatMap((line, nth) =>
        lineWords[nth]?.includes(path) && /\b(echo|printf)\b/.test(line) ? quotedIn(line) : [],
      ),
    ),
  );
  const own = (await text(path)).split('\n').filter((line) => line !== '');
  const isWritten = own.length > 0 && own.every((line) => written.has(line));
  return isWritten ? undefined : 'no package’s script writes it';
};

/** printf(1) has several lines in one text. */
const quotedIn = (line: string): string[] =>
  Array.from(line.matchAll(/'([^']*)'|"([^"]*)"/g), ([, single, double]) =>
    (single ?? double ?? '').split('\\n'),
  ).flat();

/** `chmod 0700 PATH`, `chown polkitd:root PATH`, or a function of the script that is given both: `set_perms polkitd root 700 PATH`. */
const givenByScript: Check = (file, { signed, scripts, ownerOf }) => {
  const { path } = file;
  const expected = signed(path);
  if (expected === undefined) return 'no package has it';
  const isOwner = file.uid === expected.uid && file.gid === expected.gid;
  return isGiven(file, { scripts, ownerOf }, { mode: expected.mode, owner: isOwner ? ownerOf(file) : '' });
};

/** Mode and owner are those, or lines that name the path say them. */
const isGiven = (
  file: FileNode,
  { scripts, ownerOf }: Pick<DebianFacts, 'scripts' | 'ownerOf'>,
  usual: { readonly mode: number | undefined; readonly owner: string },
): string | undefined => {
  const { path, mode = 0 } = file;
  const lines = linesNaming(scripts, path);
  const owner = ownerOf(file);
  const [user = '', group = ''] = owner.split(':');
  const saysMode = lines.some((line) =>
    line.some((word) => /^[0-7]{3,5}$/.test(word) && Number.parseInt(word, 8) === mode),
  );
  const saysOwner = lines.some((line) => line.includes(owner) || (line.includes(user) && line.includes(group)));
  return (mode === usual.mode || saysMode) && (owner === usual.owner || saysOwner)
    ? undefined
    : `no package's script gives it to ${owner} with mode ${mode.toString(8).padStart(4, '0')}`;
};

const GIVEN = {
  reason: 'a maintainer script changes its mode, or gives it to a user',
  path: /^\//,
  mode: 'any',
  owner: 'any',
  isWide: true,
  checks: 'a line of a script names it with this mode and this owner; the content is the package’s',
  check: givenByScript,
} as const;

/** debhelper's dh_usrlocal: a line `/usr/local/share/xml default` in the script. */
const localFolder: Check = ({ path }, { scripts }) =>
  linesNaming(scripts, path).some(([place, mode]) => place === path && mode === 'default')
    ? undefined
    : 'no package’s script makes it';

const ENTRY = /^<delegate\w+ \w+="([^"]*)"(?:><| )catalog="file:\/\/([^"]*)"\/?>$/;
const HEAD: ReadonlySet<string> = new Set([
  '<?xml version="1.0"?>',
  '<!DOCTYPE catalog PUBLIC "-//OASIS//DTD XML Catalogs V1.0//EN"',
  '  "file:///usr/share/xml/schema/xml-core/catalog.dtd">',
  '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">',
  '</catalog>',
]);

const catalogEntry = eachLine((line, { isOfPackage, scripts }) => {
  if (HEAD.has(line)) return true;
  const [, id = '', catalog = ''] = ENTRY.exec(line) ?? [];
  const plain = id.replaceAll('&amp;', '&');
  return (
    plain !== '' &&
    (isOfPackage(catalog) || /^\/etc\/xml\/[\w.+-]+\.xml$/.test(catalog)) &&
    commandsOf(scripts).some(({ lines }) =>
      lines.some((one) => /\bupdate-xmlcatalog\b/.test(one) && one.includes(`"${plain}"`)),
    )
  );
});

export const SCRIPTED: readonly DebianRule[] = [
  { name: 'given-by-scripts', ...GIVEN },
  { name: 'folders-given-by-scripts', type: 'folder', ...GIVEN },
  {
    name: 'links-by-scripts',
    reason: 'a maintainer script makes the link',
    path: /^\/(etc|usr|var)\/.+/,
    type: 'link',
    isWide: true,
    checks: 'a line of a script says `ln` with this name and this target',
    check: linkedByScript,
  },
  {
    name: 'folders-by-scripts',
    reason: 'a maintainer script makes the folder',
    path: /^\/(etc|usr|var)\/.+/,
    type: 'folder',
    mode: 'any',
    owner: 'any',
    isWide: true,
    checks: 'a line of a script makes it; mode and owner are root’s usual ones, or stand in a line that names it',
    check: folderByScript,
  },
  {
    name: 'copies-by-scripts',
    reason: 'a maintainer script copies a file of a package for administrators to change',
    path: /^\/(etc|var)\/.+/,
    isWide: true,
    checks: 'a line of a script copies a package’s file to this name, and the content is that file’s',
    check: copiedByScript,
  },
  {
    name: 'lines-by-scripts',
    reason: 'a maintainer script writes the file',
    path: /^\/(etc|usr|var)\/.+/,
    isWide: true,
    checks: 'each line is a whole text in quotation marks, in a line of a script that names the file',
    check: writtenByScript,
  },
  {
    name: 'local-folders-of-packages',
    reason: 'scripts that debhelper writes make a package’s folders in /usr/local',
    path: /^\/usr\/local\/.+/,
    type: 'folder',
    isWide: true,
    checks: 'a line of a script names it',
    check: localFolder,
  },
  {
    name: 'xml-catalogs',
    reason: 'update-xmlcatalog, called by packages’ scripts',
    path: /^\/(etc\/xml\/[\w.+-]+|var\/lib\/xml-core\/[\w.+-]+)$/,
    checks: 'each entry is one that a script adds, and leads to a package’s catalog or to one of these',
    check: catalogEntry,
  },
  {
    name: 'sgml-catalogs',
    reason: 'update-catalog, called by sgml-base’s script',
    path: /^\/var\/lib\/sgml-base\/supercatalog(\.old)?$/,
    checks: 'each catalog that it names is a package’s',
    check: eachLine((line, { isOfPackage }) => line === '--' || isOfPackage(/^CATALOG (\/\S+)$/.exec(line)?.[1] ?? '')),
  },
  {
    name: 'sgml-catalog-link',
    reason: 'sgml-base’s script',
    path: ['/etc/sgml/catalog'],
    type: 'link',
    checks: 'it leads to the catalog of all',
    check: leadsTo('/var/lib/sgml-base/supercatalog'),
  },
];
