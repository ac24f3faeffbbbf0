/**
 * docs/made-again.md: which stages each field of a recipe makes again, held against the stages' own keys. A result is
 * stood in for by the digest of its key, so that a stage counts as made again when anything before it is.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { canonicalJson } from '../../src/canonical-json.ts';
import { LOCK_FORMAT, type Lock, lockText } from '../../src/distributions/debian/archive/package-lock.ts';
import { fileOf, sha256, temporaryFolder } from '../../src/host/files.ts';
import type { Engine } from '../../src/pipeline/engine.ts';
import { titleOf } from '../../src/pipeline/stage.ts';
import { runningOn } from '../../src/pipeline/stage-list.ts';
import { imageStages, makeImage } from '../../src/plan.ts';
import { type LoadedRecipe, loadVariants } from '../../src/recipe/load.ts';
import { hasBoth, ROWS, type Values } from './made-again-rows.ts';
import { recipeFields } from './recipe-fields.ts';

/** The columns of the table, and the stages that each stands for. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  origin: ['resolve', 'fetch', 'assemble', 'packages', 'unpack', 'obtain'],
  medium: ['answers', 'medium', 'packages-medium'],
  install: ['install', 'prepare'],
  configure: ['configure'],
  capture: ['capture', 'trust'],
  delivery: ['delivery-answers', 'delivery'],
  test: ['test'],
  policy: ['policy'],
};
/** Recipes without tests and policies are what the words speak of. */
const USUAL = Object.keys(COLUMNS).filter((name) => name !== 'test' && name !== 'policy');

const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'made-again.md');
const KEY_FILE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq5u5bq7YBJfPzXKyRgkq3HyOQcs0bSgkZ9bmJ2e0cR someone\n';
const KEYRING = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n-----END PGP PUBLIC KEY BLOCK-----\n';
const PRIVATE_KEY = (byte: string): string =>
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(`302e020100300506032b657004220420${byte.repeat(32)}`, 'hex').toString('base64')}\n-----END PRIVATE KEY-----\n`;

/** Beside each recipe; the second of a kind differs in what it says. */
const FILES: Readonly<Record<string, string>> = {
  'one.pub': KEY_FILE,
  'two.pub': KEY_FILE.replace('5u5b', '5u5c'),
  'one.asc': KEYRING,
  'two.asc': KEYRING.replace('x', 'y'),
  'one.sh': '#!/bin/sh\necho one\n',
  'two.sh': '#!/bin/sh\necho two\n',
  'one.yml': '- hosts: all\n',
  'other/two.yml': '- hosts: all\n  gather_facts: false\n',
  'one.qcow2': 'one',
  'one.image': 'one',
  'two.qcow2': 'two',
  'one.yaml':
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of a recipe
    '{name: below, os: {family: debian, release: "12"}, origin: {image: one.qcow2}, variables: {x: "1"}, configure: [{run: {script: "echo ${var:x}"}}]}',
  'two.yaml': '{name: below, os: {family: debian, release: "12"}, origin: {image: two.qcow2}}',
  'one.iso': 'one',
  'two.iso': 'two',
  'one.pem': PRIVATE_KEY('11'),
  'two.pem': PRIVATE_KEY('22'),
  'one.deb': 'one',
  'two.deb': 'two',
  secret: '$6$saltsalt$'.padEnd(98, 'a'),
  secret2: '$6$saltsalt$'.padEnd(98, 'b'),
  'one.ejs': "<%- include('locale') -%>\nd-i own/value string <%= values.own %>\n",
  'own.ejs': "<%- include('locale') -%>\nd-i own/value string <%= values.x %>\n",
  'two.ejs': "<%- include('locale') -%>\nd-i own/other string <%= values.own %>\n",
};
const ENV = { ONE: FILES['secret'] ?? '', TWO: FILES['secret2'] ?? '' };

const lock = (digest: string): Lock => ({
  format: LOCK_FORMAT,
  release: { number: '12', codename: 'bookworm', arch: 'amd64' },
  suites: [],
  debs: [],
  udebs: [],
  installer: { kernelRelease: '6', kernel: { size: 1, sha256: digest }, initrd: { size: 1, sha256: digest } },
  parts: [],
  standInChoice: 'never',
  standIns: [],
  components: digest,
});

/** The digests of all keys that a build of the recipe asks for, by stage. */
const keysOf = async (loaded: LoadedRecipe, folder: string): Promise<Map<string, string>> => {
  const keys = new Map<string, string>();
  const engine: Pick<Engine, 'run' | 'verify'> = {
    verify: async () => {},
    async run(stage, input) {
      const key = await stage.key(input, { secretDigest: (secret) => sha256(secret), shared: () => folder });
      const digest = sha256(canonicalJson(key));
      keys.set(titleOf(stage), digest);
      const run: () => Promise<unknown> = async () => {
        if (stage.name.endsWith('answers')) return await stage.run(input, Object.create(null));
        const path = join(folder, `${digest}.json`);
        const file = fileOf({
          path,
          size: 1,
          sha256: stage.name === 'resolve' ? sha256(lockText(lock(digest))) : digest,
        });
        if (stage.name === 'resolve') await writeFile(path, lockText(lock(digest)));
        if (stage.name === 'fetch') return { iso: file };
        if (stage.name === 'unpack') return { image: file };
        if (stage.name === 'obtain') return { image: file, format: 'qcow2', name: 'x', published: digest };
        if (stage.name === 'capture') return { images: [{ format: 'qcow2', file }], packages: [] };
        if (stage.name === 'test') return { verdict: 'holds', results: [] };
        if (stage.name === 'packages') return { files: [{ to: '/x', file }], packages: [], signedBy: {} };
        return ['install', 'prepare', 'configure'].includes(stage.name)
          ? { disk: file, adopted: { image: file, oemStrings: [] } }
          : file;
      };
      return (await run()) as Awaited<ReturnType<typeof stage.run>>;
    },
  };
  await makeImage(loaded, runningOn(engine));
  return keys;
};

/** A value in the place that a field's name says; the first entry of a list. */
const withValue = (recipe: unknown, field: string, value: unknown): unknown => {
  const [, name = '', isList, rest = ''] = /^([^.[]+)(\[\])?\.?(.*)$/.exec(field) ?? [];
  const mapping = typeof recipe === 'object' && recipe !== null && !Array.isArray(recipe) ? recipe : {};
  const there: unknown = name in mapping ? Object.entries(mapping).find(([key]) => key === name)?.[1] : undefined;
  const [first, ...others]: unknown[] = isList && Array.isArray(there) ? there : [isList ? undefined : there];
  const made = rest === '' ? value : withValue(first, rest, value);
  return { ...mapping, [name]: isList ? [made, ...others] : made };
};

/** The entry of a mapping that a trial is about. */
const inEntry = (field: string): string => field.replace('phases.*', 'phases.kernel').replaceAll('*', 'x');

const load = async (folder: string, values: Values): Promise<LoadedRecipe> => {
  const recipe = Object.entries(values).reduce<unknown>(
    (made, [field, value]) => (value === undefined ? made : withValue(made, inEntry(field), value)),
    {},
  );
  const path = join(folder, 'recipe.yaml');
  await writeFile(path, JSON.stringify(recipe));
  const [loaded] = await loadVariants(path, { env: ENV });
  if (!loaded) throw new Error('no recipe');
  return loaded;
};

const build = async (folder: string, values: Values): Promise<Map<string, string>> =>
  keysOf(await load(folder, values), folder);

const folderWithFiles = async () => {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(join(folder.path, name, '..'), { recursive: true });
    await writeFile(join(folder.path, name), content);
  }
  return folder;
};

const BASE: Values = {
  name: 'test',
  'os.family': 'debian',
  'os.release': '12',
  'origin.assemble': 'debian',
  'origin.mirror': 'http://m.example.org/debian',
  'origin.securityMirror': 'http://m.example.org/security',
  'origin.keyring': 'one.asc',
  'capture.medium': true,
};
const ISO: Values = {
  ...BASE,
  'origin.assemble': undefined,
  'origin.securityMirror': undefined,
  'origin.keyring': undefined,
  'origin.iso': 'one.iso',
  'origin.sha256': '1'.repeat(64),
  'answers.repositories[]': { name: 'a', uris: ['http://m.example.org/debian'], suites: ['bookworm'] },
  'machine.network': 'open',
};

const IMAGE: Values = { name: 'test', 'os.family': 'debian', 'os.release': '12', 'origin.image': 'one.qcow2' };

interface DocumentedRow {
  /** A field, or `field…`: it and all below it. */
  readonly field: string;
  readonly again: readonly string[];
}

const STAGE_WORDS: Readonly<Record<string, readonly string[]>> = {
  everything: USUAL,
  'all but origin': USUAL.slice(1),
  nothing: [],
};

/** The rows of the tables in the document. */
const documented = async (): Promise<readonly DocumentedRow[]> => {
  const lines = (await readFile(DOCUMENT, 'utf8')).split('\n').filter((line) => line.startsWith('| `'));
  return lines.flatMap((line) => {
    const [, fields = '', words = ''] = line.split('|').map((cell) => cell.trim());
    const again = STAGE_WORDS[words] ?? words.split(', ');
    return Array.from(fields.matchAll(/`([^`]+)`/g), ([, field = '']) => ({ field, again }));
  });
};

const isAbout = ({ field }: DocumentedRow, asked: string): boolean => {
  const above = field.replace('…', '');
  return asked === above || (field !== above && /^[.[]/.test(asked.slice(above.length)) && asked.startsWith(above));
};

// Some 280 recipes are loaded and rendered.
t.setTimeout(180_000);

t.test('every field of a recipe has a row in the table and a trial, and no other has', async (t) => {
  // What a host lays over the answers has all of their fields once more; tests are one part of one key.
  const folded = recipeFields().map((field) => field.replace(/^(hosts\.\*\.answers|tests\b).*/, '$1'));
  const fields = [...new Set(folded)].sort();
  const rows = await documented();
  for (const field of fields)
    t.equal(rows.filter((row) => isAbout(row, field)).length, 1, `${field} is in one row of the tables`);
  for (const row of rows)
    t.ok(
      fields.some((field) => isAbout(row, field)),
      `${row.field} is a field`,
    );
  t.same(Object.keys(ROWS).sort(), fields);
});

t.test('the table says what each field makes again', async (t) => {
  await using folder = await folderWithFiles();
  const table = await documented();
  for (const [field, row] of Object.entries(ROWS)) {
    const base: Values = { ...(row.iso ? ISO : row.image ? IMAGE : BASE), ...row.beside };
    const before = await build(folder.path, { ...base, ...(hasBoth(row) ? { [field]: row.from } : {}) });
    const after = await build(folder.path, { ...base, ...row.changes, [field]: row.to });
    const stages = [...new Set([...before.keys(), ...after.keys()])];
    const changed = stages.filter((stage) => before.get(stage) !== after.get(stage));
    const columns = Object.entries(COLUMNS).filter(([, names]) => names.some((name) => changed.includes(name)));
    t.same(
      table.find((one) => isAbout(one, field))?.again,
      columns.map(([column]) => column),
      `${field}: ${changed.join(' ')}`,
    );
  }
});

t.test('the names of the stages are those that run, in the same order', async (t) => {
  await using folder = await folderWithFiles();
  const packages = { 'media.packages[]': { deb: 'one.deb' } };
  const lists: Readonly<Record<string, { readonly values: Values; readonly stages: string }>> = {
    assembled: { values: BASE, stages: 'resolve assemble answers medium unpack install configure capture trust' },
    'unpacked by the installer': {
      values: { ...BASE, 'tuning.skip[]': 'unpacked-packages' },
      stages: 'resolve assemble answers medium install configure capture trust',
    },
    'a disk image': { values: IMAGE, stages: 'obtain prepare configure capture trust' },
    'the image of another recipe': {
      values: { ...IMAGE, 'origin.image': { recipe: 'one.yaml' } },
      stages: 'below:_obtain below:_prepare below:_configure below:_capture prepare configure capture trust',
    },
    'an ISO and more packages': {
      values: { ...ISO, ...packages },
      stages: 'fetch packages answers medium install configure capture trust',
    },
  };
  for (const [name, { values, stages }] of Object.entries(lists))
    for (const delivery of [false, true]) {
      if (delivery && 'origin.image' in values) continue;
      const loaded = await load(
        folder.path,
        delivery ? { ...values, 'capture.medium': true } : { ...values, 'capture.medium': undefined },
      );
      const expected = [
        ...stages.split(' ').map((name) => name.replace(':_', ': ')),
        ...(delivery ? ['delivery-answers', 'delivery'] : []),
      ];
      t.same(imageStages(loaded), expected, `${name}: names`);
      t.same([...(await keysOf(loaded, folder.path)).keys()], expected, `${name}: what runs`);
    }
});

t.test('ten recipes with the same answers share one installation', async (t) => {
  await using folder = await folderWithFiles();
  const installs = new Set<string | undefined>();
  const configures = new Set<string | undefined>();
  for (let nth = 0; nth < 10; nth++) {
    const keys = await build(folder.path, {
      ...BASE,
      name: `image-${nth}`,
      version: `${nth}.0`,
      description: `the image number ${nth}`,
      'variables.x': nth,
      'answers.users[]': { name: 'someone', sshKeys: [{ file: 'one.pub' }] },
      'configure[]': { name: `step ${nth}`, run: { script: `echo ${nth}` } },
      'seal.remove[]': `/var/lib/thing-${nth}`,
      'capture.formats[]': nth % 2 === 0 ? 'raw' : 'qcow2',
      'machine.limits.phase': `${nth + 1}m`,
      'media.start': nth % 2 === 0 ? 'ask' : 'countdown',
    });
    installs.add(keys.get('install'));
    configures.add(keys.get('configure'));
  }
  t.equal(installs.size, 1);
  t.equal(configures.size, 10);
});

t.test(
  'a playbook beside the recipe runs again for what lies there, not for the recipe and what was built',
  async (t) => {
    await using folder = await folderWithFiles();
    const values = { ...BASE, 'configure[]': { ansible: { playbook: 'one.yml' } } };
    const configure = async (more: Values = {}) => (await build(folder.path, { ...values, ...more })).get('configure');
    const first = await configure();
    t.equal(await configure({ version: '2' }), first, 'another version');
    for (const name of ['out/test/manifest.json', 'out/test/SHA256SUMS', 'out/test/test.qcow2']) {
      await mkdir(join(folder.path, 'out', 'test'), { recursive: true });
      await writeFile(join(folder.path, name), 'x');
    }
    t.equal(await configure(), first, 'an image was built');
    await mkdir(join(folder.path, 'roles'));
    t.not(await configure(), first, 'a folder of roles');
  },
);
