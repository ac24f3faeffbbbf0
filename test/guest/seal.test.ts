import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { MEDIUM_SCRIPT } from '../../src/guest/medium-source.ts';
import { finalScript, STOP_SCRIPT } from '../../src/guest/seal/final.ts';
import { SEAL_UNITS } from '../../src/guest/seal/units.ts';
import { SEAL_OPERATIONS } from '../../src/recipe/schema.ts';

t.test('the recipe, the registry and the docs name the same operations', async (t) => {
  t.same(SEAL_UNITS.map(({ name }) => name).sort(), [...SEAL_OPERATIONS].sort());
  t.same(new Set(SEAL_UNITS.map(({ name }) => name)).size, SEAL_UNITS.length);
  const docs = await readFile('docs/seal.md', 'utf8');
  const listed = [...docs.matchAll(/^### `(.*)`\n\n(.*)$/gm)].map(([, name, why]) => ({ name, why }));
  t.same(
    listed,
    SEAL_UNITS.map(({ name, why }) => ({ name, why })),
    'docs/seal.md lists them in order, with why',
  );
  for (const { checks } of SEAL_UNITS) {
    for (const check of checks) {
      if (check.kind === 'absent') t.ok(docs.includes(`\`${check.path}\``), check.path);
    }
  }
});

t.test('every operation is asserted from outside, and trimming is the last one', (t) => {
  for (const { name, checks } of SEAL_UNITS) t.ok(checks.length > 0, name);
  t.equal(SEAL_UNITS.at(-1)?.name, 'trim');
  t.end();
});

t.test('every script is one that the guest’s sh understands', (t) => {
  const scripts = [...SEAL_UNITS.map(({ script }) => script), STOP_SCRIPT, finalScript('true'), MEDIUM_SCRIPT];
  for (const input of scripts) {
    t.doesNotThrow(() => execFileSync('sh', ['-n'], { input, stdio: ['pipe', 'ignore', 'pipe'] }));
  }
  t.end();
});
