/** That errors keep their names, say what to do, and stand in the docs. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { exitCodeOf, IngotError, isInterruption, none, OUR_FAULT, retold } from '../../src/errors.ts';
import { errorShape } from '../../src/pipeline/events.ts';
import { recipeSchema } from '../../src/recipe/schema.ts';
import { describeError } from '../../src/ui/error.ts';
import { errorSites } from './error-sites.ts';
import { AREAS } from './page.ts';
import { UNKNOWN } from './texts.ts';

t.test('every error code is of a form and an area that stay, and the docs name it', async (t) => {
  const root = join(import.meta.dirname, '../..');
  const sites = await errorSites(root);
  const codes = new Set(sites.map(({ code }) => code));
  t.ok(codes.size > 250, `${codes.size} codes are read from the sources`);
  const isOdd = (code: string) =>
    code !== 'interrupted' &&
    !(/^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)$/.test(code) && Object.hasOwn(AREAS, code.split('.')[0] ?? ''));
  t.same([...codes].filter(isOdd), []);
  t.same(
    sites.filter(({ messages, hints }) =>
      hints.some((hint) => hint === '' || (hint !== UNKNOWN && messages.includes(hint))),
    ),
    [],
    'a hint says more than the message',
  );
  const page = await readFile(join(root, 'docs/errors.md'), 'utf8');
  t.same(
    [...codes].filter((code) => code !== 'interrupted' && !page.includes(`\n| \`${code}\` | `)),
    [],
  );
  // Where the recipe has a key of that name, `machine.disk` is a field; `boot.ipxe` is a file of a netboot.
  const fields = new Set(Object.keys(recipeSchema.shape));
  const areas = Object.keys(AREAS).filter((area) => !fields.has(area));
  for await (const name of glob('{README,docs/*}.md', { cwd: root })) {
    const text = await readFile(join(root, name), 'utf8');
    const named = [...text.matchAll(/`([a-z]+)\.([a-z0-9-]+)`/g)].filter(([, area = '']) => areas.includes(area));
    t.same(
      named.map(([, area, rest]) => `${area}.${rest}`).filter((code) => !codes.has(code) && code !== 'boot.ipxe'),
      [],
      name,
    );
  }
});

t.test('exit codes', async (t) => {
  const cases = [
    [new IngotError('recipe.invalid', '', { hint: none('of a test') }), 2],
    [new IngotError('usage.file-exists', '', { hint: none('of a test') }), 2],
    [new IngotError('interrupted', '', { hint: none('of a test') }), 130],
    [new IngotError('media.not-an-iso', '', { hint: none('of a test') }), 1],
    [new Error('other'), 1],
  ] as const;
  for (const [error, code] of cases) t.equal(exitCodeOf(error), code);
});

t.test('a cleanup that fails as well does not hide what ended the work', async (t) => {
  const stopped = new IngotError('interrupted', 'interrupted', { hint: none('of a test') });
  const failing = async () => {
    await using _outer = { [Symbol.asyncDispose]: () => Promise.reject(new Error('the folder is gone')) };
    await using _inner = { [Symbol.asyncDispose]: () => Promise.reject(new Error('so is the file')) };
    throw stopped;
  };
  const thrown: unknown = await failing().catch((error: unknown) => error);
  t.equal(thrown instanceof SuppressedError, true);
  t.match(errorShape(thrown), { code: 'interrupted', message: 'interrupted' });
  t.equal(exitCodeOf(thrown), 130);
  t.equal(isInterruption(thrown), true);
});

t.test('what has no name of ours is a fault of ours, and is to be reported', (t) => {
  const told = describeError(errorShape(new TypeError('x is not a function')));
  t.match(told, /^error: x is not a function {2}\[internal\]\n/);
  t.match(told, /errors\.test\.ts/, 'where it was');
  t.ok(told.endsWith(`next: ${OUR_FAULT}`));
  t.end();
});

t.test('an error told from further out keeps what it is not given', (t) => {
  const inner = new IngotError('host.busy', 'it is in use', { where: 'a', hint: 'Wait.', detail: 'by 12' });
  t.match(retold(inner, { message: 'host web: it is in use', where: 'b' }), {
    code: 'host.busy',
    message: 'host web: it is in use',
    where: 'b',
    hint: 'Wait.',
    detail: 'by 12',
    cause: inner,
  });
  const quiet = new IngotError('interrupted', 'interrupted', { hint: none('of a test') });
  t.match(retold(quiet, { code: 'test.other', where: undefined, hint: undefined }), {
    code: 'test.other',
    where: undefined,
    hint: undefined,
  });
  t.end();
});
