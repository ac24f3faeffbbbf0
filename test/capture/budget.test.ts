import { open } from 'node:fs/promises';
import t from 'tap';
import { IngotError } from '../../src/errors.ts';
import { fileRef } from '../../src/host/files.ts';
import { type Budget, keptBudget, saidOf } from '../../src/inspect/budget.ts';
import { recipeSchema } from '../../src/recipe/schema.ts';
import { judgeBudget } from '../../src/stages/capture/judge-budget.ts';
import { SMALL_DEBIAN } from '../inspect/small-system.ts';
import { diskWith } from './small-disk.ts';

const MIB = 2 ** 20;
const { signal } = new AbortController();

t.test('what exceeds a budget is told with its reasons, and what would save most', (t) => {
  const measured = { image: 300 * MIB, packages: 200, installed: 600 * MIB };
  const reasons = Array.from({ length: 12 }, (_, nth) => ({
    reason: `reason ${nth}`,
    files: 1,
    size: (100 - nth) * MIB,
  }));
  const savings = [
    { strip: 'locales', size: 48 * MIB, packages: [] },
    { strip: 'cloud-kernel', size: 295 * MIB, packages: ['linux-image-amd64', 'linux-image-6-amd64'] },
  ];
  const cases: readonly [budget: Budget, over: string | undefined, told: readonly RegExp[]][] = [
    [{}, undefined, [/^$/]],
    [{ image: 300 * MIB }, undefined, [/^image 300 MiB of 300 MiB$/]],
    [{ image: undefined, packages: 220 }, undefined, [/^packages 200 of 220$/]],
    [
      { image: 299 * MIB, packages: 220, installed: 500 * MIB },
      'image, installed',
      [
        /^image: 300 MiB, allowed are 299 MiB: 1 MiB too much$/m,
        /^installed: 600 MiB, allowed are 500 MiB: 100 MiB too much$/m,
        /^ +91 MiB {2}reason 9$/m,
        /^ +295 MiB {2}cloud-kernel: 2 packages\n +48 MiB {2}locales$/m,
      ],
    ],
    [{ packages: 199 }, 'packages', [/^packages: 200, allowed are 199: 1 too much$/m]],
  ];
  for (const [budget, over, told] of cases) {
    let text: string;
    try {
      text = keptBudget(budget, measured, { reasons, savings });
      t.equal(over, undefined, JSON.stringify(budget));
    } catch (error) {
      if (!(error instanceof IngotError)) throw error;
      t.match(error, { code: 'capture.over-budget', hint: /strip: \[cloud-kernel\]/ });
      t.equal(error.message, `the image is larger than slim.budget allows: ${over}`);
      text = error.detail ?? '';
      t.notMatch(text, /reason 10/, 'ten of them');
    }
    for (const one of told) t.match(text, one, JSON.stringify(budget));
  }
  t.equal(saidOf({ image: undefined }), undefined);
  t.end();
});

t.test('a captured disk is judged by its files', async (t) => {
  const raw = await diskWith(t, { ...SMALL_DEBIAN, '/usr/share/doc/web/large': 'm'.repeat(3 * MIB) });
  // What is a hole of a raw file takes nothing.
  const handle = await open(raw, 'r+');
  await handle.truncate((await handle.stat()).size + 500 * MIB);
  await handle.close();
  const images = [{ format: 'raw' as const, file: await fileRef(raw, signal), virtualSize: 1 }];
  const judge = (budget: object, strip: readonly string[] = []) => {
    const { slim } = recipeSchema.parse({
      name: 'x',
      os: { family: 'debian', release: '12' },
      origin: { assemble: 'debian' },
      slim: { budget, strip },
    });
    return judgeBudget(slim, { raw, images, packages: 9, signal });
  };
  t.match(
    await judge({ image: '60M', packages: 9, installed: '30M' }),
    /^image \d+ MiB of 60 MiB, packages 9 of 9, installed \d MiB of 30 MiB$/,
  );
  await t.rejects(judge({ packages: 8, installed: '1M' }), {
    code: 'capture.over-budget',
    detail:
      /packages: 9, allowed are 8[\s\S]*installed: \d MiB, allowed are 1 MiB[\s\S]*4 MiB {2}documentation[\s\S]*4 MiB {2}documentation/,
  });
  const stripped = await judge({ packages: 8 }, ['documentation']).catch((error: IngotError) => error.detail);
  t.notMatch(stripped, /each by itself:[\s\S]*documentation/, 'what the recipe strips already saves nothing more');
});
