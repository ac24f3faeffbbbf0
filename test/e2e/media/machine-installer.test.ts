/** Machines with Debian's own installer kernel: what a boot sector can not show. Minutes, not seconds. */
import { access, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { answerLine, askedQuestion } from '../../../src/diagnosis/asked-question.ts';
import { questionsOfInitrd } from '../../../src/diagnosis/medium-questions.ts';
import { DEBIAN_INSTALLER_PHASES } from '../../../src/distributions/debian/installer-phases.ts';
import { type Machine, startMachine } from '../../../src/machine/machine.ts';
import type { MachineSpec } from '../../../src/machine/spec.ts';
import { type WatchOptions, watchInstall } from '../../../src/machine/watch/watch.ts';
import { silentReporter } from '../../../src/report.ts';
import { guestRun, guestSpec, until, writeGuest } from '../../machine/guest.ts';

const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64';
const FACTOR = 6;

t.setTimeout(30 * 60_000);

const options = (more: Partial<WatchOptions> = {}): WatchOptions => ({
  installer: DEBIAN_INSTALLER_PHASES,
  limit: 60_000,
  factor: FACTOR,
  idleLimit: 180_000,
  reporter: silentReporter,
  ...more,
});

const start = (t: Test, append: string, more: Partial<MachineSpec> = {}): Promise<Machine> => {
  const kernel = { image: join(INSTALLER, 'linux'), initrd: join(INSTALLER, 'initrd.gz'), append };
  const spec = guestSpec('', { disks: [], memory: 2 ** 30, cpus: 2, kernel, ...more });
  return startMachine(spec, guestRun(join(t.testdir(), 'run')));
};

const hasInstaller = await access(INSTALLER).then(
  () => true,
  () => false,
);
const skip = hasInstaller ? false : 'debian-installer-12-netboot-amd64 is not installed';

t.test('a guest that reports over the log port', { skip }, async (t) => {
  await using machine = await start(t, 'console=ttyS0 rdinit=/bin/sh quiet', {
    logPort: 'org.ingot.log.0',
  });
  const phases: string[] = [];
  const watched = watchInstall(
    machine,
    options({ nonce: '42', reporter: { ...silentReporter, phase: (name) => void phases.push(name) } }),
  );
  const failed = watched.catch((error: unknown) => error);
  t.ok(
    await until(
      async () =>
        (await machine.console.screen()).lines.some((line) => line.startsWith('~ #') || line.startsWith('/ #')),
      120_000,
    ),
    'a shell',
  );
  const log = (text: string) => `echo "Nov  3 18:07:12 ${text}" > $PORT`;
  machine.console.type(
    [
      'mount -t sysfs none /sys; mount -t devtmpfs none /dev; modprobe virtio_pci; modprobe virtio_console',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the guest’s shell that reads it
      'for P in /sys/class/virtio-ports/*; do [ "$(cat $P/name)" = org.ingot.log.0 ] && PORT=/dev/${P##*/}; done',
      log("main-menu[331]: INFO: Menu item 'cdrom-detect' selected"),
      log('ingot: disk /dev/vda 8589934592'),
      log("main-menu[331]: INFO: Menu item 'bootstrap-base' selected"),
      log('ingot: success 42'),
      'poweroff -f\n',
    ].join('\n'),
  );
  const result = await failed;
  t.match(result, { disk: { device: '/dev/vda', bytes: 8589934592 } });
  t.same(phases, ['boot', 'hardware', 'base system']);
  t.equal((await readFile(join(machine.folder, 'installer.log'), 'utf8')).split('\n').length, 5);
});

const questionOn = async (screen: string) => {
  const question = askedQuestion(screen, await questionsOfInitrd([await readFile(join(INSTALLER, 'initrd.gz'))]));
  return question && { ...question, answer: answerLine(question) };
};

t.test('installers that wait', { skip }, async (t) => {
  const cases: [string, string, RegExp][] = [
    ['text', 'console=ttyS0 DEBIAN_FRONTEND=text', /language/i],
    ['newt', 'console=ttyS0', /Select a language[\s\S]*<Go Back>/],
  ];
  for (const [title, append, screen] of cases) {
    await t.test(title, async (t) => {
      const machine = await start(t, append);
      const error = await watchInstall(machine, options({ questionOn })).catch((e: unknown) => e);
      await machine[Symbol.asyncDispose]();
      t.match(error, {
        code: 'install.waiting',
        detail: screen,
        message: /nothing answers localechooser\/languagelist \(select\)/,
        hint: /: d-i debian-installer\/locale string /,
      });
      t.match(await readFile(join(machine.folder, 'console.txt'), 'utf8'), screen);
      for (const name of ['console.png', 'screen.png'])
        t.ok((await stat(join(machine.folder, name))).size > 1000, name);
    });
  }
});

t.test('a kernel without a root file system', { skip }, async (t) => {
  const kernel = { image: join(INSTALLER, 'linux'), append: 'console=ttyS0' };
  await using machine = await start(t, '', { kernel });
  const error = await watchInstall(machine, options()).catch((e: unknown) => e);
  t.match(error, { code: 'install.kernel-panic', message: /VFS: Unable to mount root fs/ });
});

t.test('UEFI firmware without anything to boot', async (t) => {
  const cases = [
    ['uefi', /Shell>/],
    ['uefi-secure', /Security Viola\s*tion[\s\S]*Boot Manager Menu/],
  ] as const;
  for (const [firmware, detail] of cases) {
    const disk = await writeGuest(join(t.testdir(), 'disk.raw'), 'not for UEFI', 'nothing');
    const spec = guestSpec(disk, { firmware, memory: 2 ** 28 });
    await using machine = await startMachine(spec, guestRun(join(t.testdirName, 'run')));
    const error = await watchInstall(machine, options()).catch((e: unknown) => e);
    t.match(error, { code: 'install.no-boot', detail }, firmware);
  }
});
