/**
 * testinfra as an oracle of what is read from a disk: it looks at the same root file system, unpacked, and a check that says what
 * testinfra has found holds; one that says something else fails. `INGOT_TESTED_IMAGE` names the image.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { convert } from '../../src/capture/convert.ts';
import { openGuestFiles } from '../../src/capture/guest-files.ts';
import { compileTests } from '../../src/checks/compiled.ts';
import { outsideOf } from '../../src/checks/outside.ts';
import { openSubject } from '../../src/distributions/open-subject.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { testsSchema } from '../../src/recipe/schema/tests-schema.ts';
import { silentReporter } from '../../src/report.ts';
import { testStore } from '../e2e/support.ts';

t.setTimeout(30 * 60_000);

const image = process.env['INGOT_TESTED_IMAGE'];
const hasTestinfra = (await run('/usr/bin/python3', ['-c', 'import testinfra'], { allow: [0, 1] })).exitCode === 0;
const skip =
  (image === undefined && 'INGOT_TESTED_IMAGE names no image') ||
  (!hasTestinfra && 'python3-testinfra is not installed') ||
  (process.getuid?.() !== 0 && 'chroot needs root');

const answerSchema = z.record(z.string(), z.unknown());

t.test('testinfra says the same', { skip }, async (t) => {
  const { signal } = new AbortController();
  await mkdir(testStore, { recursive: true });
  await using folder = await temporaryFolder('ingot-testinfra-', testStore);
  const raw = join(folder.path, 'disk.raw');
  await using subject = await openSubject(image ?? '', signal);
  const { format } = subject.disk;
  await convert({ path: image ?? '', format }, { path: raw, format: 'raw' }, { reporter: silentReporter });
  const partition = (await openGuestFiles(raw)).mounts.find(({ path }) => path === '/')?.partition;
  const tree = join(folder.path, 'root');
  await mkdir(tree);
  await run('debugfs', ['-R', `rdump / ${tree}`, `${raw}?offset=${partition?.start ?? 0}`], { keepsEnd: true });
  await rm(raw);

  const every = <T>(list: readonly T[], most: number): T[] =>
    list.filter((_, nth) => nth % Math.max(1, Math.floor(list.length / most)) === 0).slice(0, most);
  const outside = outsideOf(subject);
  const plain = [...subject.tree.values()].filter(
    ({ path, type }) => type !== 'other' && !path.startsWith('/boot/efi') && /^[\w/.@-]+$/.test(path),
  );
  const interesting = plain.filter(({ mode = 0, gid }) => (mode & 0o7000) !== 0 || (gid !== 0 && gid !== undefined));
  const units = [
    'ssh',
    'cron',
    'systemd-networkd',
    'fstrim.timer',
    'systemd-resolved',
    'rsync',
    'getty@tty1',
    'systemd-journald',
    'ssh.socket',
  ];
  const questions: [string, string][] = [
    ...every(subject.database?.packages ?? [], 40).map(({ name }): [string, string] => ['package', name]),
    ...['telnetd', 'nginx', 'no-such-package'].map((name): [string, string] => ['package', name]),
    ...[...every(plain, 60), ...every(interesting, 30)].map(({ path }): [string, string] => ['file', path]),
    ...['/etc/none', '/bin/sh', '/etc/mtab'].map((path): [string, string] => ['file', path]),
    ...every(await outside.accounts(), 20).map(({ name }): [string, string] => ['user', name]),
    ['user', 'nobody-knows'],
    ...units.map((name): [string, string] => ['service', name]),
  ];
  const asked = await run('/usr/bin/python3', [join(import.meta.dirname, 'planted', 'ask-testinfra.py'), tree], {
    input: JSON.stringify(questions),
  });
  const answers = z.array(answerSchema).parse(JSON.parse(asked.stdout));
  let facts = 0;
  for (const [nth, [kind, name]] of questions.entries())
    for (const [right, wrong] of checksFor(kind, name, answers[nth] ?? {})) {
      facts += 1;
      for (const [check, verdict] of [
        [right, 'holds'],
        [wrong, 'fails'],
      ] as const) {
        const { planned } = await compileTests(testsSchema.parse({ checks: [check] }), '/');
        const outcome = await planned[0]?.outside?.(outside);
        if (outcome?.verdict !== verdict) t.fail(`${JSON.stringify(check)}: ${outcome?.message}`);
      }
    }
  t.ok(facts >= 60, `${facts} facts`);
  t.comment(`${facts} facts of ${questions.length} things are the same`);
});

/** Pairs of a check that says what was found, and one that says something else. */
const checksFor = (kind: string, name: string, answer: Readonly<Record<string, unknown>>): [unknown, unknown][] => {
  const both = (fields: readonly string[], other: Readonly<Record<string, unknown>>): [unknown, unknown][] =>
    fields.map((field) => [
      { [kind]: { [key]: name, [field]: answer[field] } },
      { [kind]: { [key]: name, [field]: other[field] } },
    ]);
  const key = kind === 'file' ? 'path' : 'name';
  if (kind === 'service') return both(['enabled'], { enabled: answer['enabled'] !== true });
  if (kind === 'package') {
    const { installed, version } = answer;
    const there: [unknown, unknown] = [
      { package: { name, installed } },
      { package: { name, installed: installed !== true } },
    ];
    if (installed !== true) return [there];
    return [there, [{ package: { name, version: `= ${version}` } }, { package: { name, version: `> ${version}` } }]];
  }
  if (answer['exists'] !== true) return both(['exists'], { exists: true });
  const there = both(['exists'], { exists: false });
  if (kind === 'user')
    return [
      ...there,
      ...both(['uid', 'shell', 'home', 'groups'], { uid: 4242, shell: '/bin/none', home: '/none', groups: ['none'] }),
    ];
  const type = answer['isFile'] === true ? 'file' : answer['isFolder'] === true ? 'folder' : undefined;
  const types: [unknown, unknown][] =
    type === undefined ? [] : [[{ file: { path: name, type } }, { file: { path: name, type: 'other' } }]];
  // Of a link testinfra tells the mode of the link itself.
  if (answer['isLink'] === true) return [...there, ...types];
  return [...there, ...types, ...both(['mode', 'owner', 'group'], { mode: '0001', owner: 'none', group: 'none' })];
};
