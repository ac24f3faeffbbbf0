/** `ingot store list` and `show`. */
import { resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { bytes } from '../../ui/format.ts';
import { withStore } from '../options.ts';
import { print } from '../print.ts';
import { entryBy, entryLine, openStoreFolder, totalSize } from './common.ts';

export const listCommand = () =>
  withStore(new Command('list'))
    .description('List all results; those used last come first.')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  ingot store list')
    .action(async (options) => {
      const { listEntries, sizeOf, unfinishedFiles } = await import('../../pipeline/inventory.ts');
      const { store, folder } = await openStoreFolder(options.store);
      const entries = await listEntries(folder);
      if (options.json) return print(`${JSON.stringify(entries, null, 2)}\n`);
      const shared = await Promise.all(
        (['packages', 'isos', 'images'] as const).map((name) => sizeOf(store.shared(name))),
      );
      const unfinished = (await unfinishedFiles(folder)).reduce((sum, { size }) => sum + size, 0);
      print(
        [
          ...entries.map(entryLine),
          `${bytes(totalSize(entries))} in ${entries.length} results, ${bytes(shared.reduce((a, b) => a + b))} of packages, ISOs and images, ${bytes(unfinished)} left by failed builds`,
          '',
        ].join('\n'),
      );
    });

export const storeShowCommand = () =>
  withStore(new Command('show'))
    .description('Show the key and the result of one entry.')
    .argument('<digest>', 'the digest of the entry, or its start')
    .addHelpText('after', '\nExample:\n  ingot store show 3f2a91')
    .action(async (digest, options) => {
      const { listEntries } = await import('../../pipeline/inventory.ts');
      const { readFile } = await import('node:fs/promises');
      const { folder } = await openStoreFolder(options.store);
      const entry = entryBy(await listEntries(folder), digest, folder);
      print(`${entryLine(entry)}\n${entry.folder}\n`);
      for (const name of ['key.json', 'result.json'])
        print(`${name} ${await readFile(resolve(entry.folder, name), 'utf8')}`);
    });
