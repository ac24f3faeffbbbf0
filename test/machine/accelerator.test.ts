import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import {
  type ProbeContext,
  probeAccelerator,
  probeGuest,
  tryAccelerator,
  type Verdict,
} from '../../src/machine/accelerator.ts';
import { requireQemu } from '../../src/machine/requirements.ts';
import { silentReporter } from '../../src/report.ts';

const runFile = promisify(execFile);

const context = (cacheFolder: string, verdict: Verdict) => {
  const notes: string[] = [];
  let tries = 0;
  const made: ProbeContext = {
    cacheFolder,
    reporter: { ...silentReporter, note: (text) => void notes.push(text) },
    tryKvm: async () => {
      tries += 1;
      return verdict;
    },
  };
  return { made, notes, tries: () => tries };
};

t.test('the tiny guest reaches long mode, works, and answers', async (t) => {
  t.same(await tryAccelerator('tcg', undefined, 30_000), { outcome: 'works', detail: '' });
  t.same(await tryAccelerator('tcg', undefined, 20), { outcome: 'hung', detail: '' }, 'and too late is too late');
});

t.test('its bytes are what its source says', async (t) => {
  const folder = t.testdir();
  const source = join(import.meta.dirname, '../../vm/probe.S');
  const assembled = await runFile('as', ['--64', '-o', join(folder, 'probe.o'), source]).catch(() => undefined);
  if (!assembled) return t.pass('not compared', { skip: 'no binutils here' });
  const image = join(folder, 'probe.img');
  await runFile('ld', [
    '-m',
    'elf_x86_64',
    '-Ttext',
    '0x7c00',
    '--oformat',
    'binary',
    '-o',
    image,
    join(folder, 'probe.o'),
  ]);
  t.same(await probeGuest(), await readFile(image));
});

t.test('what each verdict means', async (t) => {
  const cases: [Verdict, RegExp][] = [
    [{ outcome: 'no-device', detail: '' }, /has no \/dev\/kvm.*nested/],
    [{ outcome: 'no-permission', detail: '' }, /may not be opened.*group/],
    [{ outcome: 'died', detail: 'failed to set MSR' }, /QEMU died with it \(failed to set MSR\)/],
    [{ outcome: 'hung', detail: '' }, /no answer within 5 s/],
  ];
  for (const [verdict, note] of cases) {
    const { made, notes } = context(t.testdir(), verdict);
    t.match(await probeAccelerator('auto', made), { accelerator: 'tcg', factor: 6 }, verdict.outcome);
    t.match(notes, [note]);
    await t.rejects(probeAccelerator('kvm', made), { code: 'machine.kvm-unusable' });
  }
  const { made, notes } = context(t.testdir(), { outcome: 'works', detail: '' });
  t.same(await probeAccelerator('auto', made), { accelerator: 'kvm', factor: 1 });
  t.same(notes, []);
});

t.test('the verdict is remembered, for this boot and this QEMU', async (t) => {
  const folder = t.testdir();
  const { made, tries } = context(folder, { outcome: 'works', detail: '' });
  await probeAccelerator('auto', made);
  await probeAccelerator('kvm', made);
  t.equal(tries(), 1);
  t.testdir({ 'accelerator.json': '{"key":"another boot","verdict":{"outcome":"hung","detail":""}}' });
  t.match(await probeAccelerator('auto', made), { accelerator: 'kvm' });
  t.testdir({ 'accelerator.json': 'not JSON' });
  await probeAccelerator('auto', made);
  t.equal(tries(), 3);
  t.equal((await probeAccelerator('tcg', made)).accelerator, 'tcg');
  t.equal(tries(), 3, 'nothing is tried for TCG');
});

t.test('QEMU’s age', async (t) => {
  for (const version of ['7.1.0', '7.2.22', '10.0.2']) await requireQemu(async () => version);
  for (const version of ['7.0.0', '5.2.0', '6.10']) {
    await t.rejects(
      requireQemu(async () => version),
      { code: 'host.tool-too-old' },
    );
  }
});
