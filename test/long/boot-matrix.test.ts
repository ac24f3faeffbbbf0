/**
 * The boot matrix: media with the structures of every distribution, and with loaders that go ways of their own, remastered,
 * started by every way that they claim, Secure Boot among them, until their kernel has the command line of the unattended entry.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { probeAccelerator } from '../../src/machine/accelerator.ts';
import { startMachine } from '../../src/machine/machine.ts';
import { bootTest } from '../../src/media/boot-test/boot-test.ts';
import { bootPathText } from '../../src/media/boot-test/result.ts';
import { TEST_PATHS } from '../../src/media/boot-test/test-paths.ts';
import { COUNTDOWN_SECONDS } from '../../src/media/menus/unattended.ts';
import { remaster } from '../../src/media/remaster.ts';
import { silentReporter } from '../../src/report.ts';
import { guestRun, guestSpec, until } from '../machine/guest.ts';
import { DISTRIBUTIONS } from '../media/distributions.ts';
import { DATE } from '../media/fixture.ts';
import { LOADER_MEDIA, makeLoaderMedium, makeRescue } from '../media/loader-media.ts';
import { makeDistribution } from '../media/make-distribution.ts';

/** Without a signature, without what makes a disk of it, without UEFI. */
const UNSIGNED = ['bios-cd', 'uefi-cd', 'bios-usb', 'uefi-usb'] as const;
const LOADER_WAYS: Readonly<Record<keyof typeof LOADER_MEDIA, readonly string[]>> = {
  arch: UNSIGNED,
  'system-rescue': UNSIGNED,
  ifcpu: ['bios-cd', 'bios-usb'],
  cores: ['bios-cd', 'uefi-cd', 'bios-usb'],
};

const KERNEL = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/linux';

t.setTimeout(60 * 60_000);

const folder = t.testdir({});
const kernel = await readFile(KERNEL);
const accelerator = await probeAccelerator('auto', { cacheFolder: folder, reporter: silentReporter });

/** How to make each original, and the ways that it has. */
const MEDIA: readonly {
  readonly name: string;
  readonly make: () => Promise<string>;
  readonly ways: readonly string[];
}[] = [
  ...(Object.keys(DISTRIBUTIONS) as (keyof typeof DISTRIBUTIONS)[]).map((name) => ({
    name,
    make: () => makeDistribution(folder, name, kernel),
    ways: TEST_PATHS,
  })),
  ...(Object.keys(LOADER_MEDIA) as (keyof typeof LOADER_MEDIA)[]).map((name) => ({
    name,
    make: () => makeLoaderMedium(folder, name, LOADER_MEDIA[name], kernel),
    ways: LOADER_WAYS[name],
  })),
  { name: 'rescue', make: () => makeRescue(folder, 'rescue', kernel), ways: UNSIGNED },
];

for (const { name, make, ways } of MEDIA) {
  t.test(name, async (t) => {
    const original = await make();
    const output = join(folder, `${name}-unattended.iso`);
    await remaster({
      iso: original,
      output,
      initrdEntries: [{ type: 'file', path: 'preseed.cfg', mode: 0o600, content: 'answers' }],
      mediumFiles: [],
      kernelArguments: { installer: ['unattended=yes'], target: [] },
      menu: { start: 'ask', title: name },
      date: DATE,
      reporter: silentReporter,
    });
    const test = await bootTest(output, {
      accelerator,
      reporter: { ...silentReporter, line: (text) => t.comment(text) },
    });
    const tried = test.results.filter(({ outcome }) => outcome !== 'not-claimed');
    t.strictSame(tried.map(({ path }) => path).sort(), [...ways].sort());
    for (const { path, outcome, detail, secureBoot, entry } of tried) {
      t.equal(outcome, 'boots', `${bootPathText(path)}: ${detail}`);
      t.match(detail, /unattended=yes/, 'by the unattended entry');
      t.match(entry?.title, `${name} (ERASES THE DISK)`);
      t.equal(secureBoot ?? false, path.startsWith('uefi-secure'), 'the kernel says whether Secure Boot is on');
    }
    await rm(output);
    await rm(original);
    await rm(join(folder, `${name}.tree`), { recursive: true });
  });
}

t.test('start: countdown says what it does, waits, and starts by itself', async (t) => {
  const place = join(folder, 'countdown');
  await mkdir(place);
  const original = await makeDistribution(place, 'debian-13', kernel);
  const iso = join(place, 'countdown.iso');
  await remaster({
    iso: original,
    output: iso,
    initrdEntries: [{ type: 'file', path: 'preseed.cfg', mode: 0o600, content: 'answers' }],
    mediumFiles: [],
    kernelArguments: { installer: ['console=ttyS0', 'unattended=yes'], target: [] },
    menu: { start: 'countdown', title: 'Install', serial: true },
    date: DATE,
    reporter: silentReporter,
  });
  for (const firmware of ['bios', 'uefi'] as const) {
    const spec = {
      name: firmware,
      disks: [],
      memory: 2 ** 30,
      cpus: 1,
      firmware,
      cdrom: iso,
      boot: ['cdrom'] as const,
    };
    const network = { mode: 'none', model: 'virtio', forwardSsh: false } as const;
    await using machine = await startMachine(
      guestSpec('', { ...spec, network }),
      guestRun(join(place, firmware), { throwAway: true }),
    );
    const shows = (pattern: RegExp, limit: number) =>
      until(async () => pattern.test((await machine.console.text()).replaceAll('\n', '')), limit);
    t.ok(await shows(/Install \(ERASES THE DISK\)/, 120_000), `${firmware}: the menu`);
    const shown = performance.now();
    t.ok(await shows(/Kernel command line: .*unattended=yes/, 240_000), `${firmware}: the kernel`);
    const waited = (performance.now() - shown) / 1000;
    t.ok(waited > 0.8 * COUNTDOWN_SECONDS, `${firmware}: ${waited.toFixed(1)} s after the menu`);
  }
});
