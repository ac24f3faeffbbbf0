/** `ingot doctor`: what is missing on this host, and how to get it. */
import { Command } from '@commander-js/extra-typings';
import { IngotError } from '../errors.ts';
import { withStore } from './options.ts';

const WHY = { always: 'every build', assemble: 'assembled media', optional: 'ansible steps', test: 'tests' } as const;

export const doctorCommand = () =>
  withStore(new Command('doctor'))
    .description('Say what is missing on this host and how to get it.')
    .option('--test', 'include what the tests need', false)
    .addHelpText('after', '\nExample:\n  ingot doctor')
    .action(async (options) => {
      const { hostPackages, isInstalled } = await import('../host/tools.ts');
      const packages = (await hostPackages()).filter((item) => item.neededFor !== 'test' || options.test);
      const missing = [];
      for (const item of packages) {
        const there = await isInstalled(item);
        if (!there) missing.push(item);
        process.stdout.write(`${there ? 'ok     ' : 'MISSING'} ${item.name.padEnd(26)} ${WHY[item.neededFor]}\n`);
      }
      await showAccelerator(options.store);
      const needed = missing.filter((item) => item.neededFor !== 'optional');
      if (needed.length > 0) {
        throw new IngotError('host.tool-missing', `${needed.length} package(s) missing`, {
          hint: `apt-get install ${needed.map((item) => item.name).join(' ')}`,
        });
      }
    });

const showAccelerator = async (storeFolder: string | undefined): Promise<void> => {
  const { defaultStoreFolder, openStore } = await import('../pipeline/store.ts');
  const { accelerator } = await import('../stages/accelerator.ts');
  const store = await openStore(storeFolder ?? defaultStoreFolder());
  const notes: string[] = [];
  const found = await accelerator('auto', {
    cacheFolder: store.shared('host'),
    note: (text) => notes.push(text),
    signal: AbortSignal.timeout(60_000),
  });
  process.stdout.write(`ok      accelerator ${found.name}${notes.map((text) => `\n        ${text}`).join('')}\n`);
};
