/** What Windows leaves in scripts, and interpreters that the system does not have, in every file that a recipe names. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { IngotError } from '../../src/errors.ts';
import { run } from '../../src/host/run.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { playbookParts } from '../../src/recipe/scripts/playbook-files.ts';
import { textFault } from '../../src/recipe/scripts/text-fault.ts';
import { failure, HEAD, KEY, load, recipeFolder } from './helpers.ts';

const MARK = '\ufeff';
const utf16 = (text: string, order: 'LE' | 'BE', mark = true): Buffer => {
  const bytes = Buffer.from(`${mark ? MARK : ''}${text}`, 'utf16le');
  return order === 'LE' ? bytes : bytes.swap16();
};
const bytes = (content: string | Buffer): Buffer => (typeof content === 'string' ? Buffer.from(content) : content);

const SCRIPT = '#!/bin/sh\necho one\necho two\n';
const windows = (text: string): string => text.replaceAll('\n', '\r\n');
const BAD: readonly (readonly [string, Buffer, RegExp])[] = [
  ['CR LF', bytes(windows(SCRIPT)), /line 1 ends in CR LF[\s\S]*sed -i 's\/\\r\$\/\/' one\.sh/],
  ['one line', bytes('#!/bin/sh\necho one\r\necho two\n'), /line 2 ends in CR LF/],
  ['the last line', bytes('#!/bin/sh\necho one\r'), /line 2 ends in CR LF/],
  ['a byte order mark', bytes(MARK + SCRIPT), /byte order mark[\s\S]*without BOM/],
  ['UTF-16LE', utf16(SCRIPT, 'LE'), /found one in UTF-16LE[\s\S]*iconv -f UTF-16LE/],
  ['UTF-16BE', utf16(SCRIPT, 'BE'), /found one in UTF-16BE/],
  ['UTF-16LE without a mark', utf16(SCRIPT, 'LE', false), /UTF-16LE/],
  ['UTF-16BE without a mark', utf16(SCRIPT, 'BE', false), /UTF-16BE/],
];

/** Recipes that name `one.sh`, each by another field, with the place that is told. */
const FIELDS: Readonly<Record<string, string>> = {
  'configure[0].run.file': 'configure: [{run: {file: one.sh}}]',
  'configure[0].copy.from': 'configure: [{copy: {from: one.sh, to: /usr/local/bin/one}}]',
  'answers.early.file': 'answers: {early: {file: one.sh}}',
  'answers.late.file': 'answers: {late: {file: one.sh}}',
  'tests.checks[0].suite': 'tests: {checks: [{suite: one.sh}]}',
  'configure[0].ansible.playbook': 'configure: [{ansible: {playbook: site.yml}}]',
};
const PLAYBOOK = '- hosts: all\n  tasks:\n    - name: run\n      script: one.sh --fast\n';

const refused = async (folder: string): Promise<string> => {
  try {
    await loadRecipe(join(folder, 'recipe.yaml'), { env: {} });
  } catch (error) {
    if (error instanceof IngotError) return `${error.message}\n${error.detail}\n${error.hint}`;
    throw error;
  }
  return 'accepted';
};

t.test('each fault, by every field that names a script', async (t) => {
  for (const [field, yaml] of Object.entries(FIELDS)) {
    const folder = await recipeFolder(t, `${HEAD}${yaml}\n`, { 'site.yml': PLAYBOOK, 'one.sh': SCRIPT });
    t.equal(await refused(folder), 'accepted', field);
    for (const [name, content, said] of BAD) {
      await writeFile(join(folder, 'one.sh'), content);
      const text = await refused(folder);
      t.ok(text.includes(`${field}: `), `${field} is told`);
      t.match(text, said, `${field}: ${name}`);
    }
  }
});

t.test('other files', async (t) => {
  const cases: (readonly [string, string, string, Buffer, RegExp | undefined])[] = [
    [
      'a playbook with CR LF is YAML still',
      'configure: [{ansible: {playbook: f}}]',
      'f',
      bytes(windows(PLAYBOOK)),
      undefined,
    ],
    ['a playbook in UTF-16', 'configure: [{ansible: {playbook: f}}]', 'f', utf16(PLAYBOOK, 'LE'), /UTF-16LE/],
    [
      'a template in UTF-16',
      'configure: [{copy: {from: f, to: /etc/f, template: true}}]',
      'f',
      utf16('a\n', 'LE'),
      /UTF-16LE/,
    ],
    [
      'a template with a mark',
      'configure: [{copy: {from: f, to: /etc/f, template: true}}]',
      'f',
      bytes(`${MARK}a\n`),
      /byte order mark/,
    ],
    ['a file of data in UTF-16', 'configure: [{copy: {from: f, to: /etc/f}}]', 'f', utf16('a\n', 'LE'), undefined],
    ['a file of data with CR LF', 'configure: [{copy: {from: f, to: /etc/f}}]', 'f', bytes('a\r\n'), undefined],
    ['an answer file in UTF-16', 'answers: {template: {file: f}}', 'f', utf16('d-i a/b string c\n', 'LE'), /UTF-16LE/],
    [
      'an answer file with a mark',
      'answers: {template: {file: f}}',
      'f',
      bytes(`${MARK}d-i a/b string c\n`),
      /byte order mark/,
    ],
    [
      'keys in UTF-16',
      'answers: {root: {sshKeys: [{file: f}]}}',
      'f',
      utf16(`${KEY}\r\n`, 'LE'),
      /UTF-16LE[\s\S]*iconv/,
    ],
    [
      'keys with CR LF and a mark are read',
      'answers: {root: {sshKeys: [{file: f}]}}',
      'f',
      bytes(`${MARK}${KEY}\r\n`),
      undefined,
    ],
    [
      'a secret in UTF-16',
      'answers: {root: {password: {hash: {file: f}}}}',
      'f',
      utf16('$6$x$y', 'LE'),
      /UTF-16 as Windows PowerShell/,
    ],
    [
      'a secret with a mark',
      'configure: [{copy: {content: {file: f}, to: /a}}]',
      'f',
      bytes(`${MARK}secret-word`),
      /byte order mark/,
    ],
    [
      'an inline script',
      'configure: [{run: {script: "echo a\\r\\necho b\\n"}}]',
      'f',
      bytes(''),
      /run\.script: a line ends in CR LF/,
    ],
    [
      'an inline script for the installer',
      'answers: {early: {script: "#!/bin/bash\\necho"}}',
      'f',
      bytes(''),
      /early\.script: the installer has no \/bin\/bash/,
    ],
    [
      'an inline script to copy',
      'configure: [{copy: {content: "#!/bin/sh\\r\\n", to: /a}}]',
      'f',
      bytes(''),
      /copy\.content/,
    ],
  ];
  cases.push(
    ...(
      [
        ['to: /etc/sudoers.d/ops', true],
        ['to: /etc/cron.d/job', true],
        ['to: /etc/profile.d/all.sh', true],
        ['to: /etc/fstab', true],
        ['to: /etc/systemd/system/a.service', false],
        ['to: /etc/cron.d.txt', false],
      ] as const
    ).map(
      ([to, isWrong]) =>
        [
          to,
          `configure: [{copy: {from: f, ${to}}}]`,
          'f',
          bytes('a b\r\n'),
          isWrong ? /line 1 ends in CR LF/ : undefined,
        ] as const,
    ),
    [
      'a template in Latin-1',
      'configure: [{copy: {from: f, to: /etc/f, template: true}}]',
      'f',
      Buffer.from('Gr\xfc\xdfe\n', 'latin1'),
      /bytes that are none[\s\S]*iconv -f ISO-8859-1/,
    ],
    [
      'a script in Latin-1 arrives as it is',
      'configure: [{run: {file: f}}]',
      'f',
      Buffer.from('echo Gr\xfc\xdfe\n', 'latin1'),
      undefined,
    ],
    ['a program', 'configure: [{run: {file: f}}]', 'f', bytes('\x7fELF\x02'), /a program[\s\S]*copy/],
    ['Python', 'configure: [{run: {file: f.py}}]', 'f.py', bytes('print(1)\n'), /says Python[\s\S]*env python3/],
    ['a batch file', 'configure: [{run: {file: f.bat}}]', 'f.bat', bytes('echo a\n'), /says Windows/],
    [
      'a play for a group',
      'configure: [{ansible: {playbook: f}}]',
      'f',
      bytes('- hosts: web\n  tasks: []\n'),
      /no play is for the guest: `hosts` says web[\s\S]*hosts: all/,
    ],
    [
      'a play for this host',
      'configure: [{ansible: {playbook: f}}]',
      'f',
      bytes('- hosts: localhost\n  connection: local\n'),
      /`hosts: localhost` is this host/,
    ],
    ...['all', '"{{ target }}"', 'web:all', '"*"', '[web, ingot-guest]', '"!web"'].map(
      (hosts) =>
        [
          `plays for ${hosts}`,
          'configure: [{ansible: {playbook: f}}]',
          'f',
          bytes(`- hosts: localhost\n- hosts: ${hosts}\n`),
          undefined,
        ] as const,
    ),
    [
      'a playbook that takes another',
      'configure: [{ansible: {playbook: f}}]',
      'f',
      bytes('- import_playbook: g.yml\n- hosts: web\n'),
      undefined,
    ],
  );
  for (const [name, yaml, file, content, said] of cases) {
    const folder = await recipeFolder(t, `${HEAD}${yaml}\n`);
    await writeFile(join(folder, file), content);
    const text = await refused(folder);
    if (said === undefined) t.equal(text, 'accepted', name);
    else t.match(text, said, name);
  }
  const recipe = await recipeFolder(t, HEAD);
  await writeFile(
    join(recipe, 'recipe.yaml'),
    windows(`${HEAD}configure:\n  - run:\n      script: |\n        echo a\n        echo b\n`),
  );
  t.equal(await refused(recipe), 'accepted', 'a recipe with CR LF: YAML makes LF of it');
  await writeFile(join(recipe, 'recipe.yaml'), utf16(HEAD, 'LE'));
  t.match(await refused(recipe), /UTF-16LE[\s\S]*iconv/, 'a recipe in UTF-16');
});

t.test('what the hints say mends the file', async (t) => {
  const folder = t.testdir({});
  for (const [name, content] of BAD) {
    const fault = textFault(content, 'one.sh', { isScript: true });
    const [, command = ''] = /`([^`]*(?:sed|iconv)[^`]*)`/.exec(fault?.hint ?? '') ?? [];
    await writeFile(join(folder, 'one.sh'), content);
    await run('sh', ['-c', command], { cwd: folder });
    const mended = await readFile(join(folder, command.includes('> NEW') ? 'NEW' : 'one.sh'));
    t.equal(textFault(mended, 'one.sh', { isScript: true }), undefined, `${name}: ${command}`);
    t.match(mended.toString(), /^#!\/bin\/sh\necho one/, name);
  }
});

t.test('a copied folder: its scripts, and what is read line by line', async (t) => {
  const folder = await recipeFolder(t, `${HEAD}configure: [{copy: {from: tree, to: /}}]\n`, {
    'tree/opt/go.sh': windows(SCRIPT),
    'tree/etc/cron.d/job': '* * * * * root true\r\n',
    'tree/etc/readme.txt': 'a\r\n',
  });
  const text = await refused(folder);
  t.match(text, /copy\.from: etc\/cron\.d\/job: line 1 ends in CR LF/);
  t.match(text, /copy\.from: opt\/go\.sh: line 1 ends in CR LF[\s\S]*tree\/opt\/go\.sh/);
  t.notMatch(text, /readme/);
});

t.test('templates of a playbook', async (t) => {
  const folder = await recipeFolder(t, `${HEAD}configure: [{ansible: {playbook: site.yml}}]\n`, {
    'site.yml': '- hosts: all\n  tasks:\n    - template: {src: y.j2, dest: /y}\n',
    'templates/y.j2': `${MARK}hello\n`,
  });
  t.match(await refused(folder), /templates\/y\.j2: the text begins with a byte order mark/);
});

t.test('interpreters', async (t) => {
  const step = (first: string, more = '', before = ''): string =>
    `${HEAD}${more}configure: [${before}{run: {script: ${JSON.stringify(`${first}\necho a\n`)}}}]\n`;
  const right: readonly string[] = [
    ...[
      '/bin/sh',
      '/bin/bash',
      '/usr/bin/bash',
      '/bin/sh -eu',
      '/usr/bin/env bash',
      '/usr/bin/env -S bash -e',
      '/usr/bin/perl -w',
    ].map((line) => step(`#!${line}`)),
    step('#!/usr/bin/perl -w -T'),
    step('#!/bin/sh -'),
    step('#!/usr/bin/python3', 'answers: {packages: [python3]}\n'),
    step('#!/usr/bin/env python3', 'answers: {packages: ["python3=3.11*"]}\n'),
    step('#!/usr/bin/python3', 'answers: {cloudInit: true}\n'),
    step('#!/usr/bin/python3', 'answers: {packages: [certbot]}\n'),
    step('#!/usr/bin/zsh', 'answers: {packages: [zsh]}\n'),
    step('#!/usr/bin/zsh', '', '{run: {script: apt-get install -y zsh}}, '),
    step('#!/opt/tool/bin/x', '', '{copy: {content: x, to: /opt/tool/bin/x}}, '),
    step('#!/usr/bin/vendor-shell', 'answers: {packages: [vendor-shell]}\n'),
    step('# a comment'),
  ];
  for (const yaml of right) await t.resolves(load(t, yaml), yaml.slice(HEAD.length));
  const wrong: readonly (readonly [string, RegExp])[] = [
    [step('#!/usr/bin/python3'), /run\.script: the system has no \/usr\/bin\/python3[\s\S]*The package python3 has it/],
    [step('#!/usr/bin/env python3'), /the system has no python3[\s\S]*The package python3/],
    [step('#!/usr/bin/python'), /Python is called python3/],
    [step('#!/bin/zsh', 'answers: {packages: [nginx]}\n'), /The package zsh has it: answers\.packages/],
    [step('#!/usr/local/bin/bash'), /no \/usr\/local\/bin\/bash[\s\S]*Write `#!\/usr\/bin\/bash`/],
    [step('#!/bin/bsh'), /the system has no \/bin\/bsh[\s\S]*Did you mean `(bash|sh|dash)`/],
    [step('#!bash'), /not an absolute path[\s\S]*#!\/usr\/bin\/env bash/],
    [step('#!/usr/bin/pwsh'), /the system has no \/usr\/bin\/pwsh/],
    [step('#!/usr/bin/constructor'), /the system has no \/usr\/bin\/constructor/],
    [step('#!/bin/bash -euo pipefail'), /as one argument[\s\S]*`set -euo pipefail` in the line below/],
    [step('#!/bin/sh -e -u'), /as one argument/],
    [step('#!/usr/bin/env bash -e'), /one program of the name `bash -e`[\s\S]*env -S bash -e/],
    [step('#!/usr/bin/awk -v a=1 -f'), /Write `#!\/usr\/bin\/env -S awk -v a=1 -f`/],
    [step('#!/usr/bin/env node'), /The package nodejs has it/],
  ];
  for (const [yaml, said] of wrong) t.match((await failure(t, yaml)).text, said, yaml.slice(HEAD.length));
  const redhat = `name: a\nos: {family: redhat, release: "9"}\norigin: {iso: i.iso, sha256: ${'a'.repeat(64)}}\nconfigure: [{run: {script: "#!/usr/bin/python3\\n"}}]\n`;
  await t.resolves(load(t, redhat, { files: { 'i.iso': '' } }), 'dnf is written in it');
});

t.test('the files of a playbook', async (t) => {
  const folder = t.testdir({
    'site.yml': `- import_playbook: second.yml\n- hosts: all\n  roles: [web, {role: ../ext}]\n  tasks:\n    - script: a.sh x\n    - block:\n        - ansible.builtin.copy: {src: b.sh, dest: /b}\n    - copy: src=c.sh dest=/c\n    - template: {src: d.j2, dest: /d}\n    - script: {cmd: "e.sh y"}\n    - script: "{{ name }}.sh"\n    - script: gone.sh\n    - script: "{{ item }} --fast"\n      loop: [g.sh, h.sh]\n    - copy: {src: tree/, dest: /t}\n    - include_tasks: more/tasks.yml\n`,
    'second.yml': '- hosts: all\n  tasks:\n    - script: i.sh\n    - import_playbook: site.yml\n',
    ...Object.fromEntries(['a.sh', 'c.sh', 'e.sh', 'g.sh', 'h.sh', 'i.sh'].map((name) => [name, ''])),
    files: { 'b.sh': '', tree: { 'k.sh': '', below: { 'l.sh': '' } } },
    more: { 'tasks.yml': '- ansible.builtin.script: m.sh\n', 'm.sh': '' },
    templates: { 'd.j2': '' },
    roles: {
      web: {
        tasks: { 'main.yml': '- script: f.sh\n- include_tasks: extra.yml\n', 'extra.yml': '- script: n.sh\n' },
        meta: { 'main.yml': 'dependencies: [base]\n' },
        files: { 'f.sh': '', 'n.sh': '' },
      },
      base: { tasks: { 'main.yml': '- script: o.sh\n' }, files: { 'o.sh': '' } },
      unused: { tasks: { 'main.yml': '- script: never.sh\n' }, files: { 'never.sh': '' } },
    },
    ext: {},
  });
  const parts = await playbookParts(join(folder, 'site.yml'));
  const found = parts.files.map(({ path }) => path.slice(folder.length + 1)).sort();
  t.notOk(parts.isWhole, 'the role ext has no tasks');
  t.same(found, [
    ...['a.sh', 'c.sh', 'e.sh', 'files/b.sh', 'files/tree/below/l.sh', 'files/tree/k.sh', 'g.sh', 'h.sh', 'i.sh'],
    ...['more/m.sh', 'roles/base/files/o.sh', 'roles/web/files/f.sh', 'roles/web/files/n.sh', 'templates/d.j2'],
  ]);
});

t.test('interpreters of the scripts of a playbook', async (t) => {
  const of = (packages: string) =>
    recipeFolder(t, `${HEAD}answers: {packages: [${packages}]}\nconfigure: [{ansible: {playbook: site.yml}}]\n`, {
      'site.yml': '- hosts: all\n  tasks:\n    - script: z.sh\n    - copy: {src: y.sh, dest: /y}\n',
      'z.sh': '#!/bin/zsh\n',
      'y.sh': '#!/bin/zsh\n',
    });
  t.match(await refused(await of('')), /z\.sh: the system has no \/bin\/zsh/);
  t.notMatch(await refused(await of('')), /y\.sh/, 'what is copied may be for later');
  const installs = await recipeFolder(t, `${HEAD}configure: [{ansible: {playbook: site.yml}}]\n`, {
    'site.yml': '- hosts: all\n  tasks:\n    - apt: {name: zsh}\n    - script: z.sh\n',
    'z.sh': '#!/bin/zsh\n',
  });
  await t.resolves(loadRecipe(join(installs, 'recipe.yaml')));
});
