import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { initialRecipe, type StartingFile } from '../../src/recipe/init.ts';
import { recipeJsonSchema } from '../../src/recipe/json-schema.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { recipeSchema } from '../../src/recipe/schema.ts';
import { editDistance, suggest } from '../../src/suggest.ts';
import { KEY } from './helpers.ts';

const ROOT = join(import.meta.dirname, '..', '..');

t.test('recipe.schema.json is the schema (ingot schema > recipe.schema.json)', async (t) => {
  const committed: unknown = JSON.parse(await readFile(join(ROOT, 'recipe.schema.json'), 'utf8'));
  t.same(committed, JSON.parse(JSON.stringify(recipeJsonSchema())));
});

t.test('every field is described', (t) => {
  const missing: string[] = [];
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, part] of Object.entries(schema)) {
      if (key !== 'properties') walk(part, path);
      else
        for (const [name, field] of Object.entries(Object(part))) {
          if (typeof field === 'object' && field !== null && !('description' in field)) missing.push(`${path}.${name}`);
          walk(field, `${path}.${name}`);
        }
    }
  };
  walk(recipeJsonSchema(), '');
  t.same(missing, []);
  t.end();
});

t.test('a pattern of the JSON Schema takes what the recipe takes: letters of both cases where both are meant', (t) => {
  const folded: string[] = [];
  const seen = new Set<unknown>();
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null || seen.has(schema)) return;
    seen.add(schema);
    const { _zod: zod } = Object(schema);
    const pattern: unknown = zod?.def?.pattern;
    if (pattern instanceof RegExp && pattern.flags.includes('i')) folded.push(`${path}: ${pattern}`);
    for (const [key, part] of Object.entries(Object(zod?.def ?? schema)))
      if (typeof part === 'object') walk(part, `${path}.${key}`);
  };
  walk(recipeSchema, '');
  t.ok(seen.size > 500, 'the whole schema was seen');
  t.same(folded, [], 'JSON Schema knows no flags');
  t.end();
});

t.test('the recipe of ingot init is valid, for any file name', async (t) => {
  const folder = t.testdir({ 'key.pub': `${KEY}\n` });
  for (const name of ['my-image', 'a', '9.9', 'null', '0x1', 'web_server.v2', '-My Image', '', 'x'.repeat(99)]) {
    const path = join(folder, 'recipe.yaml');
    await writeFile(path, initialRecipe(name));
    const { recipe } = await loadRecipe(path, { variables: { key: 'key.pub' }, env: {} });
    if (/^[a-z0-9][a-z0-9._-]*$/.test(name)) t.equal(recipe.name, name.slice(0, 64));
  }
  await writeFile(join(folder, 'a b: #c'), 'x');
  const sha256 = 'a'.repeat(64);
  const files: StartingFile[] = [
    { kind: 'iso', path: 'a b: #c', sha256, os: { family: 'debian', release: '13' } },
    { kind: 'iso', path: 'a b: #c', sha256, os: { family: 'redhat', release: '9' } },
    {
      ...{ kind: 'image', path: 'a b: #c', sha256, os: { family: 'debian', release: '12' } },
      image: { format: 'raw', firmware: 'uefi' },
    },
  ];
  for (const file of files) {
    const path = join(folder, 'recipe.yaml');
    await writeFile(path, initialRecipe('web', file));
    const { recipe } = await loadRecipe(path, { variables: { key: 'key.pub' }, env: {} });
    t.match(recipe, { os: file.os, origin: { [file.kind]: file.path, sha256 } });
    if (file.image) t.match(recipe, { origin: { format: 'raw' }, machine: { firmware: 'uefi' } });
  }
});

t.test('the examples are valid', async (t) => {
  const folder = t.testdir({ 'key.pub': `${KEY}\n`, 'install.iso': 'x', 'stock.qcow2': 'x' });
  const medium = { iso: join(folder, 'install.iso'), sha256: 'a'.repeat(64) };
  const image = { image: join(folder, 'stock.qcow2') };
  const needed = (name: string) => (name.includes('from-image') ? image : name.startsWith('debian') ? {} : medium);
  const names = (await readdir(join(ROOT, 'examples'))).filter((name) => name.endsWith('.yaml'));
  t.ok(names.length >= 2);
  for (const name of names) {
    const path = join(ROOT, 'examples', name);
    const { recipe, text } = await loadRecipe(path, {
      variables: { key: join(folder, 'key.pub'), ...needed(name) },
      env: {},
    });
    t.equal(`${recipe.name}.yaml`, name);
    t.match(text, /^# yaml-language-server: \$schema=\.\.\/recipe\.schema\.json\n/);
  }
});

t.test('the least that a recipe needs', (t) => {
  const least = { name: 'a', os: { family: 'debian', release: '12' }, origin: { assemble: 'debian' } };
  t.ok(recipeSchema.safeParse(least).success);
  for (const key of Object.keys(least)) t.notOk(recipeSchema.safeParse({ ...least, [key]: undefined }).success, key);
  t.end();
});

t.test('did you mean', (t) => {
  t.equal(suggest('machin', ['machine', 'media']), 'machine');
  t.equal(suggest('stand_ins', ['standIns', 'mirror']), 'standIns');
  t.equal(suggest('colour', ['skip', 'remove']), undefined);
  const strips = ['manual-pages', 'documentation', 'old-kernels', 'cloud-kernel', 'cloud-agents', 'guestAgent'];
  t.same(
    ['docs', 'man', 'agents', 'kernel', 'manuals', 'do', 'os'].map((word) => suggest(word, strips)),
    ['documentation', 'manual-pages', undefined, undefined, 'manual-pages', undefined, undefined],
    'a short form of one word only',
  );
  t.equal(editDistance('relase', 'release'), 1);
  t.equal(editDistance('ab', 'ba'), 1, 'a swap is one edit');
  const word = fc.string({ maxLength: 8 });
  fc.assert(fc.property(word, word, (one, other) => editDistance(one, other) === editDistance(other, one)));
  fc.assert(fc.property(word, word, (one, other) => (editDistance(one, other) === 0) === (one === other)));
  fc.assert(fc.property(word, (one) => editDistance(one, '') === one.length));
  t.end();
});
