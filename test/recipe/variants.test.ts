import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { combinationsOf, suffixOf } from '../../src/recipe/load/variants.ts';
import { loadRecipe, loadVariants } from '../../src/recipe/load.ts';

const RECIPE = `
name: web
variables: {firmware: bios, disk: 8G, site: a}
variants:
  firmware: [bios, uefi]
  disk: [8G, 16G]
os: {family: debian, release: "12"}
origin: {assemble: debian}
machine: {firmware: "\${var:firmware}", disk: "\${var:disk}"}
`;

t.test('each combination is a build with a name of its own', async (t) => {
  const path = join(t.testdir(), 'web.yaml');
  await writeFile(path, RECIPE);
  const all = await loadVariants(path, { env: {} });
  t.same(
    all.map(({ recipe: { name, machine } }) => [name, machine.firmware, machine.disk / 2 ** 30]),
    [
      ['web-bios-8g', 'bios', 8],
      ['web-bios-16g', 'bios', 16],
      ['web-uefi-8g', 'uefi', 8],
      ['web-uefi-16g', 'uefi', 16],
    ],
  );
  const half = await loadVariants(path, { variables: { firmware: 'uefi' }, env: {} });
  t.same(
    half.map(({ recipe }) => recipe.name),
    ['web-8g', 'web-16g'],
    'what is set is no variant any more',
  );
  const one = await loadRecipe(path, { variables: { firmware: 'uefi' }, env: { INGOT_VAR_disk: '4G' } });
  t.match(one.recipe, { name: 'web', machine: { disk: 4 * 2 ** 30 } });
  await t.rejects(loadRecipe(path, { env: {} }), {
    code: 'recipe.has-variants',
    message: /4 variants/,
    hint: /--var firmware=bios\|uefi --var disk=8G\|16G/,
  });

  await writeFile(
    path,
    RECIPE.replace('name: web', `name: "\${var:firmware}-\${var:disk}"`).replaceAll(/(8|16)G/g, '$1G'),
  );
  await t.rejects(loadVariants(path, { env: {} }), { code: 'recipe.invalid' }, 'a name takes no capital letter');
  await writeFile(path, RECIPE.replace('name: web', `name: "web-\${var:firmware}"`).replace('  disk: [8G, 16G]\n', ''));
  const named = await loadVariants(path, { env: {} });
  t.same(
    named.map(({ recipe }) => recipe.name),
    ['web-bios', 'web-uefi'],
    'a name that has the value needs no suffix',
  );
});

t.test('mistakes have positions', async (t) => {
  const path = join(t.testdir(), 'web.yaml');
  const wrong = async (text: string, detail: RegExp) => {
    await writeFile(path, text);
    await t.rejects(loadVariants(path, { env: {} }), { code: 'recipe.invalid', detail });
  };
  await wrong(RECIPE.replace('firmware: [bios', 'firmwares: [bios'), /web\.yaml:5:3: variants\.firmwares: no variable/);
  await wrong(RECIPE.replace('[bios, uefi]', 'bios'), /variants\.firmware: expected a list/);
  await wrong(RECIPE.replace('[bios, uefi]', '[]'), /variants\.firmware: expected a list of at least 1/);
  await wrong(RECIPE.replace('[bios, uefi]', '[bios, efi]'), /machine\.firmware: expected bios or uefi, found "efi"/);
});

t.test('combinations', (t) => {
  t.same(combinationsOf({}, [], {}), [{}]);
  t.same(combinationsOf({ a: [1, true], b: ['x'] }, ['a', 'b'], {}), [
    { a: '1', b: 'x' },
    { a: 'true', b: 'x' },
  ]);
  t.same(combinationsOf({ a: [1, 2] }, [], {}), [{}], 'what is not declared is told elsewhere');
  t.equal(suffixOf({ a: 'Web Server', b: '1.5' }), '-web-server-1.5');
  t.end();
});
