/**
 * A kickstart medium, as `ingot media` makes it for RHEL 9, boots as far as it goes without Anaconda: an initrd like its own
 * finds the medium by the label of the command line, and reads from it what it was made for.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { renderAnswers } from '../../../src/distributions/render-answers.ts';
import { digestFile } from '../../../src/host/digest.ts';
import { run } from '../../../src/host/run.ts';
import { startMachine } from '../../../src/machine/machine.ts';
import type { MachineSpec } from '../../../src/machine/spec.ts';
import type { BootPath } from '../../../src/media/boot/boot-paths.ts';
import { loadRecipe } from '../../../src/recipe/load.ts';
import { guestRun, guestSpec, until } from '../../machine/guest.ts';
import { makeAnacondaGuest } from '../../media/anaconda-guest.ts';
import { HASH } from '../../recipe/helpers.ts';
import { root, testStore } from '../support.ts';

const LIMIT = 600_000;

const sha256 = (content = ''): string => createHash('sha256').update(content).digest('hex');

t.setTimeout(45 * 60_000);

const recipeFor = async (folder: string, iso: string): Promise<string> => {
  const path = join(folder, 'web.yaml');
  await writeFile(
    path,
    `name: web\nos: {family: redhat, release: "9"}
origin: {iso: ${iso}, sha256: ${await digestFile(iso, 'sha256')}}
answers: {users: [{name: eva, password: {hash: '${HASH}'}, sudo: password}]}
media: {start: now}\n`,
  );
  return path;
};

const ingot = (...args: string[]) => run(process.execPath, [join(root, 'src/cli/main.ts'), ...args]);

/** What the initrd says of what it has read. */
const said = async (t: Test, folder: string, spec: MachineSpec): Promise<string> => {
  await using machine = await startMachine(spec, guestRun(join(folder, 'run'), { throwAway: true }));
  let hasEnded = false;
  void machine.ended.then(() => {
    hasEnded = true;
  });
  const shown = async () => (await machine.console.text()).replaceAll('\n', '');
  await until(async () => hasEnded || /end of the guest/.test(await shown()), LIMIT);
  const text = await shown();
  t.comment(/ Command line: .{0,200}/.exec(text)?.[0] ?? 'no command line', /found: .{0,60}/.exec(text)?.[0] ?? '');
  return text;
};

const machineFor = (name: string, more: Partial<MachineSpec>): MachineSpec =>
  guestSpec('', {
    name,
    disks: [],
    memory: 2 ** 30,
    cpus: 2,
    network: { mode: 'none', model: 'virtio', forwardSsh: false },
    ...more,
  });

const boots = async (t: Test, path: BootPath, label?: string): Promise<void> => {
  const folder = t.testdir({});
  const original = await makeAnacondaGuest(folder, join(testStore, 'anaconda-guest'), label);
  const recipe = await recipeFor(folder, original.iso);
  const iso = join(folder, 'web.iso');
  await ingot('media', recipe, '-o', iso, '--store', join(folder, 'store'));

  const loaded = await loadRecipe(recipe, {});
  const answers = await renderAnswers(loaded.recipe, { ...loaded, delivery: true });
  const content = (name: string) => answers.initrd.find((file) => file.path === name)?.content;
  const firmware = path.startsWith('uefi') ? 'uefi' : 'bios';
  const drive = path.endsWith('cd') ? { cdrom: iso, boot: ['cdrom'] as const } : { usb: iso, boot: ['usb'] as const };
  const text = await said(t, folder, machineFor(path, { firmware, ...drive }));
  for (const [what, expected] of Object.entries({
    found: original.label,
    stage2: sha256(original.stage2),
    kickstart: sha256(content('ingot.ks')),
    answers: sha256(content('ks.cfg')),
    copy: sha256(answers.medium[0]?.content),
  }))
    t.ok(text.includes(`${what}: ${expected}`), what);
};

t.test('from CD, by BIOS', (t) => boots(t, 'bios-cd'));
t.test('from a USB stick, by UEFI, with a label of two words', (t) => boots(t, 'uefi-usb', 'RHEL 9 x86_64'));

t.test("the vendor's own CD, untouched, with the answers on a second drive", async (t) => {
  const folder = t.testdir({});
  const original = await makeAnacondaGuest(folder, join(testStore, 'anaconda-guest'));
  const recipe = await recipeFor(folder, original.iso);
  const volume = join(folder, 'answers.iso');
  await ingot('media', 'answers', recipe, '-o', volume);
  const loaded = await loadRecipe(recipe, {});
  const { initrd } = await renderAnswers(loaded.recipe, { ...loaded, delivery: true });
  const kickstart = sha256(initrd.find((file) => file.path === 'ks.cfg')?.content);
  const text = await said(t, folder, machineFor('oemdrv', { cdrom: original.iso, usb: volume, boot: ['cdrom'] }));
  t.ok(text.includes(`found: ${original.label}`));
  t.ok(text.includes(`kickstart: ${kickstart}`));
});
