/** `ingot doctor`: what is missing on this host, and how to get it. */

import { IngotError } from '../errors.ts';
import { withStore } from './options.ts';
import { print } from './print.ts';
import { verb } from './verb.ts';

const WHY = {
  always: 'every build',
  assemble: 'assembled media',
  uefi: 'UEFI machines',
  ansible: 'ansible steps',
  openscap: 'openscap checks',
  test: 'tests',
} as const;

export const doctorCommand = () =>
  withStore(verb('doctor'))
    .option('--test', 'also check what the tests need', false)
    .addHelpText(
      'after',
      '\nExample:\n  ingot doctor\n\nExit status: 0 all that a build needs is there, 1 something is missing.',
    )
    .action(async (options) => {
      const { hostPackages, isInstalled, OF_ONE_KIND } = await import('../host/tools.ts');
      const packages = (await hostPackages()).filter((item) => item.neededFor !== 'test' || options.test);
      const missing = [];
      for (const item of packages) {
        const there = await isInstalled(item);
        if (!there) missing.push(item);
        print(`${there ? 'ok     ' : 'MISSING'} ${item.name.padEnd(26)} ${WHY[item.neededFor]}\n`);
      }
      const isThere = !missing.some(({ shows }) => shows === 'qemu-system-x86_64');
      if (isThere) {
        const { requireQemu } = await import('../machine/requirements.ts');
        await requireQemu();
        await showAccelerator(options.store);
      }
      const needed = missing.filter((item) => item.neededFor !== 'uefi' && !OF_ONE_KIND.has(item.neededFor));
      if (needed.length > 0) {
        throw new IngotError('host.tool-missing', `${needed.length} package(s) missing`, {
          hint: `apt-get install ${needed.map((item) => item.name).join(' ')}`,
        });
      }
    });

const showAccelerator = async (storeFolder: string | undefined): Promise<void> => {
  const { defaultStoreFolder, openStore } = await import('../pipeline/store.ts');
  const { probeAccelerator } = await import('../machine/accelerator.ts');
  const { silentReporter } = await import('../report.ts');
  const store = await openStore(storeFolder ?? defaultStoreFolder());
  const notes: string[] = [];
  const { accelerator } = await probeAccelerator('auto', {
    cacheFolder: store.shared('host'),
    isFresh: true,
    reporter: { ...silentReporter, note: (text) => notes.push(text) },
  });
  print(`ok      accelerator ${accelerator}${notes.map((text) => `\n        ${text}`).join('')}\n`);
};
