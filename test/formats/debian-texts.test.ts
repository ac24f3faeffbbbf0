/** Debian's text formats, in the cases in which two readers of ours once differed: what apt, dpkg and debconf do wins. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parseDpkgStatus } from '../../src/distributions/debian/system/dpkg-packages.ts';
import { parseDeb822Sources, parseOneLineSources } from '../../src/formats/packages/apt-sources.ts';
import { parseStanza, renderStanza } from '../../src/formats/packages/deb822.ts';
import { parseDebconfTemplates } from '../../src/formats/packages/debconf-templates.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';

const source = (host: string, ...more: readonly string[]): string =>
  [`Types: deb`, `URIs: http://${host}.example.org/debian`, 'Suites: bookworm', 'Components: main', ...more, ''].join(
    '\n',
  );

t.test('which package sources count is what apt says', async (t) => {
  await using folder = await temporaryFolder();
  const parts = join(folder.path, 'parts');
  await mkdir(parts);
  await mkdir(join(folder.path, 'lists', 'partial'), { recursive: true });
  const words = [
    'yes',
    'no',
    'off',
    'OFF',
    'on',
    'without',
    'with',
    'disable',
    'enable',
    'false',
    'true',
    '0',
    '1',
    'maybe',
  ];
  const deb822 = words.map((word, nth) => source(`s${nth}-${word}`, `Enabled: ${word}`)).join('\n');
  const oneLine = `deb [signed-by=/k.gpg trusted=1] http://a.example.org/debian bookworm main # why
deb cdrom:[Debian GNU/Linux 12 # first]/ bookworm main
\tdeb-src   http://b.example.org/debian   bookworm main
#deb http://c.example.org/debian bookworm main
`;
  await writeFile(join(parts, 'x.sources'), deb822);
  await writeFile(join(folder.path, 'sources.list'), oneLine);
  const settings = {
    'Dir::Etc::sourceparts': parts,
    'Dir::Etc::sourcelist': join(folder.path, 'sources.list'),
    'Dir::State': folder.path,
    'Dir::Cache': folder.path,
  };
  const args = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const { stdout } = await run('apt-get', [...args, 'update', '--print-uris']);
  const theirs = Array.from(stdout.matchAll(/^'([^']*)\/dists\/bookworm\/InRelease'/gm), ([, uri = '']) => uri);
  const mine = [...parseOneLineSources(oneLine), ...parseDeb822Sources(deb822)].flatMap(({ uris }) => uris);
  // apt writes the address of a CD with slashes of its own.
  const plain = (uris: readonly string[]) =>
    uris.map((uri) => uri.replace('cdrom://', 'cdrom:').replace(/\/$/, '')).sort();
  t.same(plain(mine), plain(theirs));
  t.ok(!mine.some((uri) => uri.includes('-off')) && mine.some((uri) => uri.includes('-maybe')));
});

t.test('installed packages are those that dpkg knows', async (t) => {
  await using folder = await temporaryFolder();
  const fields = 'Maintainer: x <x@example.org>\nDescription: short\n Package: not this\n .\n Status: nor this\n';
  const status = `Package: one\nStatus: install ok installed\nVersion: 1:1.0-1\nArchitecture: all\n${fields}
package:two\nstatus:\tinstall ok installed\nVERSION:2.0\nArchitecture:amd64\nSource:  other (1.9)\n${fields}


Package: gone\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\n${fields}
Package: half\nStatus: install ok half-configured\nVersion: 1\nArchitecture: all\n${fields}`;
  await mkdir(join(folder.path, 'info'));
  await writeFile(join(folder.path, 'status'), status);
  const format = ['db:Status-Status', 'Package', 'Version', 'Architecture', 'source:Package', 'source:Version'];
  const { stdout } = await run('dpkg-query', [
    '--admindir',
    folder.path,
    '-W',
    '-f',
    `${format.map((name) => `\${${name}}`).join(' ')}\n`,
  ]);
  const theirs = stdout.split('\n').filter((line) => line.startsWith('installed '));
  const mine = parseDpkgStatus(status).map((one) => Object.values(one));
  t.equal(theirs.length, 2);
  t.same(
    mine.map(
      ([name, version, arch, source, sourceVersion]) =>
        `installed ${name} ${version} ${arch} ${source} ${sourceVersion}`,
    ),
    theirs,
  );
});

t.test('a stanza that is written is the one that is read', (t) => {
  const text = renderStanza({ Package: 'a', Empty: '', Left: undefined, Key: '\nfirst\n\n  last', Short: 'one\nmore' });
  t.equal(text, 'Package: a\nEmpty:\nKey:\n first\n .\n   last\nShort: one\n more\n');
  t.same(Object.fromEntries(parseStanza(text)), {
    package: 'a',
    empty: '',
    key: '\nfirst\n.\n  last',
    short: 'one\nmore',
  });
  t.end();
});

t.test('debconf templates: installed ones, and those of a source', (t) => {
  const cases: readonly (readonly [string, readonly unknown[]])[] = [
    ['Template: a/b\nType: select\nChoices: one\\, two, three\n', [{ choices: ['one, two', 'three'] }]],
    [
      'Template: a/b\nType: select\n__Choices: one, two\n_Description: A\n',
      [{ choices: ['one', 'two'], description: 'A' }],
    ],
    ['Template: a/b\nType: select\nChoices-C: x\nChoices: one\n', [{ choices: ['x'] }]],
    ['Template: a/b\nType: string\nChoices: one, two\n', [{ choices: undefined }]],
    [`Template: a/b\nType: select\nChoices: \${LIST}, two\n`, [{ choices: undefined }]],
    [
      'Template: a/b\nType: string\nDefault: one\n two\n# no\nDescription: A\n B\n .\n C\n',
      [{ default: 'one', description: 'A\nB\n.\nC' }],
    ],
    [
      'Template: a/b\nType: note\nDescription-de.UTF-8: A\n\n \t\n\nTemplate: c/d\nType: error\n',
      [{ description: '' }, { name: 'c/d' }],
    ],
    ['Type: note\nDescription: no name\n', []],
  ];
  for (const [text, expected] of cases) t.match(parseDebconfTemplates(text), expected, text);
  for (const [text, { length }] of cases) t.equal(parseDebconfTemplates(text).length, length, text);
  t.end();
});

t.test('what a package source says of its signature', (t) => {
  const cases: readonly (readonly [string, { signedBy: string | undefined; trusted: boolean }])[] = [
    ['', { signedBy: undefined, trusted: false }],
    ['Signed-By:', { signedBy: undefined, trusted: false }],
    ['Signed-By: /k.gpg', { signedBy: '/k.gpg', trusted: false }],
    ['Signed-By:\n -----BEGIN PGP\n .\n x', { signedBy: '-----BEGIN PGP\n.\nx', trusted: false }],
    ['# no\nTrusted: enable', { signedBy: undefined, trusted: true }],
  ];
  for (const [more, expected] of cases) t.match(parseDeb822Sources(source('a', more)), [expected], more);
  const lines: Readonly<Record<string, { signedBy: string | undefined; trusted: boolean }>> = {
    '[trusted=yes]': { signedBy: undefined, trusted: true },
    '[ trusted=on signed-by=/k.gpg ]': { signedBy: '/k.gpg', trusted: true },
    '[trusted=no arch=amd64,i386]': { signedBy: undefined, trusted: false },
    '[not-signed-by=/k.gpg]': { signedBy: undefined, trusted: false },
  };
  for (const [options, expected] of Object.entries(lines))
    t.match(parseOneLineSources(`deb ${options} http://a.example.org/debian bookworm main`), [expected], options);
  t.end();
});
