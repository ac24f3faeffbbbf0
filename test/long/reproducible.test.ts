/**
 * The minimal example, locked, twice: each from an installation of its own in another folder and store. The same bits, and a machine that
 * starts.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { sha256File } from '../../src/host/files.ts';
import { bootFresh, exampleRecipe, healthy, ingot, overlay, testStore, userKey } from '../e2e/support.ts';

t.setTimeout(3 * 60 * 60_000);

const NAME = 'debian-12-minimal';
const work = join(testStore, 'reproducible');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
const keyFile = await userKey();
const recipe = join(work, 'recipe.yaml');
const text = await readFile(exampleRecipe, 'utf8');
await writeFile(recipe, text.replace(/^capture:$/m, 'capture:\n  reproducible: true'));

const ran = (t: Test, args: readonly string[]) => ingot(args, (line) => t.comment(line)).ended;

t.test('an image that is made again is the same: packages, files, bits', async (t) => {
  const given = ['--var', `key=${keyFile}.pub`, '--store', testStore];
  const locked = await ran(t, ['lock', recipe, ...given]);
  t.equal(locked.code, 0, locked.stderr);
  const built = await ran(t, ['build', recipe, '--locked', ...given, '--out', join(work, 'out')]);
  t.equal(built.code, 0, built.stderr);
  const { lock } = JSON.parse(await readFile(join(work, 'out', NAME, 'manifest.json'), 'utf8'));
  t.equal(lock.sha256, await sha256File(`${recipe}.lock`), 'the manifest names the lock');
  // With the slash that a shell completes.
  const again = ingot(['reproduce', `${join(work, 'out', NAME)}/`, '--recipe', recipe, ...given], (line) =>
    t.comment(line),
  );
  const { code, stderr } = await again.ended;
  t.equal(code, 0, stderr);
  const made = again.events.flatMap((event) => (event.type === 'stage.done' ? [event.stage] : []));
  t.ok(
    ['install', 'configure', 'capture'].every((stage) => made.includes(stage)),
    `made again: ${made.join(', ')}`,
  );
  t.match(JSON.stringify(again.events.at(-1)), /"verdict":"holds"/);
  // What differs stays, to be looked at.
  if (code === 0) await rm(join(work, 'out', `${NAME}.again`), { recursive: true });
});

for (const firmware of ['bios', 'uefi'] as const)
  t.test(`it starts by ${firmware}`, async (t) => {
    const path = await overlay(join(work, 'out', NAME, `${NAME}.qcow2`), 'qcow2', join(work, `${firmware}.qcow2`));
    const key = { privateKey: await readFile(keyFile, 'utf8'), publicKey: await readFile(`${keyFile}.pub`, 'utf8') };
    const { machine, session } = await bootFresh(
      join(work, firmware),
      {
        firmware,
        disks: [{ path, format: 'qcow2', bus: 'virtio' }],
        network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
      },
      key,
    );
    await using _machine = machine;
    await using _session = session;
    await healthy(t, session);
  });
