import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { renderOwnTemplate, renderTemplate } from '../../src/answers/ejs.ts';
import { heldBy } from '../../src/answers/held.ts';
import {
  PRESEED_ESCAPE,
  parsePreseed,
  preseedFault,
  preseedValue,
} from '../../src/distributions/debian/answers/preseed-value.ts';
import { renderAnswers } from '../../src/distributions/render-answers.ts';
import type { IngotError } from '../../src/errors.ts';
import { run } from '../../src/host/run.ts';
import { strict } from '../../src/template/strict.ts';
import { HEAD, load } from '../recipe/helpers.ts';
import { MIRRORS } from './example-mirrors.ts';

const template = async (
  folder: string,
  text: string,
  more: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<string> => {
  for (const [name, content] of Object.entries({ ...more, 'main.ejs': text })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return join(folder, 'main.ejs');
};

const VALUES = { name: 'eva', list: [1, 2], nested: { deep: { one: 'x' } }, bad: 'a\nb', empty: {} };

t.test('what a template may not do, with template:line', async (t) => {
  const cases: Readonly<Record<string, readonly [text: string, where: RegExp, message: RegExp]>> = {
    'a name that is not there': ['a\n<%= nmae %>\n', /main\.ejs:2$/, /nmae is not defined/],
    'a property that is not there': [
      'a\nb\n<%= nested.deep.two %>\n',
      /main\.ejs:3$/,
      /nested\.deep\.two is not defined/,
    ],
    'a property in a condition': ['<% if (nested.dep) { %>x<% } %>', /main\.ejs:1$/, /nested\.dep is not defined/],
    'a list item that is not there': ['<%= list[7] %>', /main\.ejs:1$/, /list\.7 is not defined/],
    'a newline in a value': ['\n\n\n<%= bad %>', /main\.ejs:4$/, /cannot hold a newline/],
    'an object': ['<%= nested %>', /main\.ejs:1$/, /expected a text, a number or a boolean, found object/],
    'a list': ['<%= list %>', /main\.ejs:1$/, /found a list/],
    'unescaped output': ['x\n<%- bad %>', /main\.ejs:2$/, /only a partial may be put in unescaped/],
    'unescaped output in a partial': ["x\n<%- include('raw') %>", /raw\.ejs:1$/, /only a partial/],
    'an error in a partial': ["x\n<%- include('partials/deep') %>", /partials\/deep\.ejs:2$/, /nowhere is not defined/],
    'an error two partials deep': ["<%- include('outer') %>", /partials\/deep\.ejs:2$/, /nowhere is not defined/],
    'a partial with a byte order mark': ["<%- include('marked') %>", /marked\.ejs:1$/, /byte order mark/],
    'a partial with Windows line endings': ["<%- include('windows') %>", /windows\.ejs:1$/, /line 2 ends in CR LF/],
    'a partial in UTF-16': ["<%- include('wide') %>", /wide\.ejs:1$/, /found one in UTF-16LE/],
    'a partial that is not there': ["\n<%- include('gone') %>", /main\.ejs:2$/, /there is no partial "gone"/],
    'a partial outside': ["<%- include('../../secret') %>", /main\.ejs:1$/, /a partial cannot be called/],
    'an absolute partial': ["<%- include('/etc/hostname') %>", /main\.ejs:1$/, /a partial cannot be called/],
    'a tag that is not closed': ['a\n<%= name \n', /main\.ejs/, /Could not find matching close tag/],
    'wrong JavaScript': ['a\n<% if ( { %>\n', /main\.ejs/, /Unexpected token/],
  };
  const more = {
    'raw.ejs': '<%- bad %>',
    'partials/deep.ejs': 'a\n<%= nowhere %>',
    'marked.ejs': '\ufeffd-i a/b string x\n',
    'windows.ejs': 'd-i a/b string x\nd-i c/d string y\r\n',
    'wide.ejs': Buffer.from('\ufeffd-i a/b string x\n', 'utf16le'),
    'outer.ejs': "\n<%- include('partials/deep') %>",
  };
  for (const [name, [text, where, message]] of Object.entries(cases)) {
    await t.test(name, async (t) => {
      const file = await template(t.testdir({}), text, more);
      const failures = [renderTemplate, renderOwnTemplate].map((render) => {
        try {
          return render(file, VALUES, { partials: [], escape: PRESEED_ESCAPE });
        } catch (error) {
          return error;
        }
      });
      t.match(failures[0], { code: 'recipe.template', where, message });
      const { detail } = failures[0] as IngotError;
      t.match(failures[1], { code: 'recipe.template', where, message, detail: detail ?? undefined }, 'and apart');
    });
  }
});

t.test('what it may do', async (t) => {
  const text =
    "<%= name %> <%= 'one' in nested %> <% for (const item of list) { %><%= item %>;<% } %>\n<%- include('part', {extra: 'e'}) -%>\n&<>\"'";
  const folder = t.testdir({ other: {} });
  const file = await template(folder, text, { 'other/part.ejs': '<%= locals.extra %><%= nested.deep.one %>\n' });
  for (const render of [renderTemplate, renderOwnTemplate]) {
    const options = { partials: [join(folder, 'other')], escape: PRESEED_ESCAPE };
    t.equal(render(file, { ...VALUES, name: `<&"'>` }, options), `<&"'> false 1;2;\nex\n&<>"'`);
  }
  t.same(strict(VALUES.list, 'list'), [1, 2]);
});

t.test('what a template of the user may reach: the language and its values', async (t) => {
  process.env['INGOT_TEST_SECRET'] = 'from the environment';
  const file = await template(t.testdir({ victim: 'precious' }), '');
  const render = async (text: string): Promise<unknown> => {
    await writeFile(file, text);
    try {
      return renderOwnTemplate(
        file,
        { ...VALUES, report: () => 'a function' },
        { partials: [], escape: PRESEED_ESCAPE },
      );
    } catch (error) {
      return error;
    }
  };
  // Functions of the values, of EJS, of errors and of stack traces lead to global objects.
  const globals = {
    'its own': 'globalThis',
    "a value's": 'report.constructor("return this")()',
    "EJS's": 'escapeFn.constructor("return this")()',
    "include's": 'include.constructor("return this")()',
    'that of a stack trace': `(() => {
      let found = globalThis;
      Error.prepareStackTrace = (_, trace) => { found = trace.constructor.constructor("return this")(); };
      void new Error().stack;
      return found;
    })()`,
    'that of a stack overflow': `(() => {
      try { const deep = () => deep() + 1; return deep(); } catch (error) { return error.constructor.constructor("return this")(); }
    })()`,
    "that of a stack trace's functions": `(() => {
      let found = globalThis;
      Error.prepareStackTrace = (_, trace) => {
        for (const site of trace) found = site.getFunction()?.constructor("return this")() ?? site.getThis() ?? found;
      };
      void new Error().stack;
      return found;
    })()`,
  };
  const NODES = ['process', 'require', 'module', 'fetch', 'Buffer', 'setTimeout', 'WebSocket', 'queueMicrotask'];
  for (const [whose, code] of Object.entries(globals)) {
    const found = await render(
      `<% for (const name of ${JSON.stringify(NODES)}) { %><%= typeof (${code})[name] %> <% } %>`,
    );
    t.equal(found, 'undefined '.repeat(NODES.length), whose);
  }
  t.match(await render('<%= typeof import("node:fs").then %>'), /function/);
  await render('<% import("node:fs").then((fs) => fs.writeFileSync("victim", "")); %>');
  await render(
    '<% import("x").catch((e) => e.constructor.constructor("return this")().process.getBuiltinModule("fs").writeFileSync("victim", "")); %>',
  );
  t.equal(await readFile(join(dirname(file), 'victim'), 'utf8'), 'precious', 'what it begins never gets its turn');

  const tooMuch: Readonly<Record<string, RegExp>> = {
    '<% for (;;) {} %>': /longer than/,
    // Which of both limits is met first is for the host to say.
    '<% const all = []; for (;;) all.push(new Array(3e7)); %>': /memory|longer than/,
    '<% const all = []; for (;;) all.push(new Uint8Array(5e8).fill(1)); %>': /memory|allocation failed/,
    '<% JSON.stringify = () => 5; %>x': /not a text/,
    '<% JSON.stringify = () => "{"; %>x': /not a text/,
    '<% let nth = 0; JSON.stringify = () => `{"needs":{"from":"","name":"${Math.random()}"}}`; %>': /too many partials/,
  };
  for (const [text, message] of Object.entries(tooMuch)) t.match(await render(text), { message }, text);
});

t.test('a template without tags needs no process', async (t) => {
  const file = await template(t.testdir({}), 'd-i a/b string \\x\n');
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  t.equal(renderOwnTemplate(file, VALUES, { partials: [], escape: PRESEED_ESCAPE }), 'd-i a/b string \\x\n');
  process.env['PATH'] = path;
});

t.test('values: either an error, or they arrive as they are', (t) => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\\', 'n', ' ', '\t', '\n', '#', '"', '$', '{', 'ä', 'a') }),
  );
  fc.assert(
    fc.property(value, (text) => {
      if (preseedFault(text) !== undefined) return refused(text);
      const [question] = parsePreseed(`# head\nd-i a/b string ${preseedValue(text)}\nd-i c/d string x\n`);
      return question?.value === text && question.line === 2;
    }),
    { numRuns: 2000 },
  );
  for (const text of ['a\\nb', 'a\nb', 'a\rb', ' a', 'a ', '\0', '\u0085'])
    t.not(preseedFault(text), undefined, JSON.stringify(text));
  for (const text of ['', '#x', '"a" $b {c}', 'äöü€', '$6$a$b/c.']) t.equal(preseedFault(text), undefined, text);
  t.end();
});

t.test('debconf reads back what was written', { skip: await noDebconf() }, async (t) => {
  const samples = fc
    .sample(fc.string({ unit: 'grapheme', maxLength: 30 }), { numRuns: 400, seed: 7 })
    .filter((text) => preseedFault(text) === undefined && !text.includes('${'));
  t.ok(samples.length > 100);
  const folder = t.testdir({ cache: {} });
  const config = `Config: config\nTemplates: templates\n\nName: config\nDriver: File\nMode: 644\nFilename: ${folder}/config.dat\n\nName: templates\nDriver: File\nMode: 644\nFilename: ${folder}/templates.dat\n`;
  await writeFile(join(folder, 'debconf.conf'), config);
  const env = { DEBCONF_SYSTEMRC: join(folder, 'debconf.conf') };
  const lines = samples.map((text, index) => `ingot ingot/q${index} string ${preseedValue(text)}\n`);
  await writeFile(join(folder, 'preseed.cfg'), lines.join(''));
  await run('debconf-set-selections', [join(folder, 'preseed.cfg')], { env });
  const read = await run('perl', ['-MDebconf::Db', '-MDebconf::Question', '-e', READ_BACK, String(samples.length)], {
    env,
  });
  t.same(JSON.parse(read.stdout), samples);
});

/** Prints the values of ingot/q0 … as JSON, through debconf's own library. */
const READ_BACK = `
use utf8; use JSON::PP; use Encode;
Debconf::Db->load;
print JSON::PP->new->ascii->encode([map { decode("UTF-8", Debconf::Question->get("ingot/q$_")->value) } 0 .. $ARGV[0] - 1]);
`;

t.test('a template of one’s own', async (t) => {
  const files = {
    'mine/preseed.cfg.ejs':
      "# mine\n<%- include('accounts') -%>\nd-i my/own string <%= values.answer %>\nd-i preseed/late_command string in-target <%= values.tool %>\n<%- include('local') -%>\n",
    'mine/local.ejs': 'd-i my/local string <%= variables.v %> \\\n  goes on\n',
  };
  const yaml = `${HEAD}variables: {v: 1}\nanswers: {template: {file: mine/preseed.cfg.ejs, values: {answer: 42, tool: "true"}}}\n`;
  const loaded = await load(t, yaml, { files });
  const { initrd } = await renderAnswers(loaded.recipe, { ...loaded, mirrors: MIRRORS, delivery: false });
  const text = initrd.find(({ path }) => path === 'preseed.cfg')?.content ?? '';
  t.match(text, /^d-i passwd\/root-login boolean true$/m, 'the partials are there');
  t.equal(parsePreseed(text).at(-1)?.value, '1 goes on');
  t.equal(initrd.find(({ path }) => path === 'ingot/late_command')?.content, 'in-target true');
  t.ok(
    initrd.some(({ path }) => path === 'ingot/settings'),
    'and so are the files of the hooks',
  );

  const missing = await load(t, yaml.replace('tool:', 'tol:'), { files });
  await t.rejects(renderAnswers(missing.recipe, { ...missing, mirrors: MIRRORS, delivery: false }), {
    code: 'recipe.template',
    where: /mine\/preseed\.cfg\.ejs:4$/,
    message: /values\.tool is not defined/,
  });
});

t.test('what answers hold that is nobody else’s', (t) => {
  const hash = '$y$j9T$abcdefghijk$0123456789012345678901234567890123456789012';
  const cases: Readonly<Record<string, readonly string[]>> = {
    [`d-i passwd/root-password-crypted password ${hash}\n`]: ['password hashes'],
    'd-i passwd/root-password-crypted password !\n': [],
    'd-i passwd/root-password password hunter22\n': ['passwords'],
    'd-i passwd/user-password-again password hunter22\n': [],
    'd-i partman-crypto/passphrase password correct horse\n': ['the passphrase of its disks'],
    'd-i partman-crypto/passphrase password\n': [],
    [`rootpw --iscrypted ${hash}\n`]: ['password hashes'],
    'rootpw --lock\n': [],
    'rootpw --plaintext hunter22\n': ['passwords'],
    'rootpw hunter22\n': ['passwords'],
    'user --name=eva --lock\n': [],
    'user --name=eva --groups=wheel\n': [],
    'user --name=eva --password=hunter22\n': ['passwords'],
    'autopart --type=lvm --encrypted --passphrase=correct-horse\n': ['the passphrase of its disks'],
    'part pv.1 --size=1 --encrypted\n': [],
    [`users:\n  - passwd: '${hash}'\n`]: ['password hashes'],
    '  - plain_text_passwd: x\n': ['passwords'],
    'text\nreboot\n': [],
  };
  for (const [text, held] of Object.entries(cases)) t.same(heldBy([text]), held, text);
  t.end();
});

t.test('a rendered file is read as the installer reads it', (t) => {
  const cases: Readonly<Record<string, readonly [text: string, expected: readonly (readonly string[])[]]>> = {
    'carriage returns are dropped': [
      'd-i a/b string x\r\nd-i c/d boolean true\r\n',
      [
        ['d-i', 'x'],
        ['d-i', 'true'],
      ],
    ],
    'a no-break space is no white space': ['\u00a0d-i a/b string x\u00a0\n', [['\u00a0d-i', 'x\u00a0']]],
    'a line separator ends no line': ['d-i a/b string x\u2028y\n', [['d-i', 'x\u2028y']]],
    'comments in a line that goes on': [' d-i\ta/b string x \\\n\n# dropped\n  y # kept\n', [['d-i', 'x y # kept']]],
  };
  for (const [name, [text, expected]] of Object.entries(cases))
    t.same(
      parsePreseed(text).map(({ owner, value }) => [owner, value]),
      expected,
      name,
    );
  t.end();
});

t.test('a rendered file that is not preseed', (t) => {
  const cases: Readonly<Record<string, RegExp>> = {
    'd-i only\n': /owner question type value/,
    'd-i a/b sting x\n': /`sting` is not a debconf type/,
    'd-i a/b boolean yes\n': /a boolean is true or false/,
    'd-i a/b string x \\': /ends in a backslash/,
    'd-i a/b string x \\ \n': /does not go on/,
    ' # alone\n': /owner question type value/,
  };
  for (const [text, message] of Object.entries(cases))
    t.throws(() => parsePreseed(`# first\n${text}`), { code: 'recipe.template', where: 'preseed.cfg:2', message });
  t.end();
});

function refused(text: string): boolean {
  try {
    preseedValue(text);
    return false;
  } catch {
    return true;
  }
}

async function noDebconf(): Promise<string | false> {
  const { exitCode } = await run('perl', ['-MDebconf::Db', '-MJSON::PP', '-e', '1'], { allow: [0, 2, 127] });
  return exitCode === 0 ? false : 'debconf is not on this host';
}
