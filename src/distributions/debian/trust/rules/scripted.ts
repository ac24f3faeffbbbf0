/** What maintainer scripts, which are signed, say in so many words: modes and owners of a package's own files, folders in /usr/local, catalogs. */
import { type Check, eachLine, leadsTo } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import { commandsOf, formsOf, type Scripts, wordsOf } from '../spelt.ts';

/** Words of each line of a script that names the path whole. */
const linesNaming = (scripts: Scripts, path: string): string[][] => {
  const forms = formsOf(path).flatMap((form) => [form, `${form}/`]);
  return commandsOf(scripts).flatMap(({ words, lines }) =>
    forms.some((form) => words.has(form))
      ? lines.map(wordsOf).filter((line) => forms.some((form) => line.includes(form)))
      : [],
  );
};

/** `chmod 0700 PATH`, `chown polkitd:root PATH`, or a function of the script that is given both: `set_perms polkitd root 700 PATH`. */
const givenByScript: Check = (file, { signed, scripts, ownerOf }) => {
  const { path, mode = 0 } = file;
  const expected = signed(path);
  if (expected === undefined) return 'no package has it';
  const lines = linesNaming(scripts, path);
  const owner = ownerOf(file);
  const [user = '', group = ''] = owner.split(':');
  const saysMode = lines.some((line) =>
    line.some((word) => /^[0-7]{3,5}$/.test(word) && Number.parseInt(word, 8) === mode),
  );
  const saysOwner = lines.some((line) => line.includes(owner) || (line.includes(user) && line.includes(group)));
  const isOwner = file.uid === expected.uid && file.gid === expected.gid;
  return (mode === expected.mode || saysMode) && (isOwner || saysOwner)
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
