/** `ingot store verify`. */
import { Command } from '@commander-js/extra-typings';
import { IngotError } from '../../errors.ts';
import { withStore } from '../options.ts';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { entryLine, openStoreFolder } from './common.ts';

export const storeVerifyCommand = () =>
  withStore(new Command('verify'))
    .description('Check every file of every result by its digest.')
    .option('--remove', 'remove damaged results, so that the next build makes them again', false)
    .addHelpText(
      'after',
      '\nExample:\n  ingot store verify --remove\n\nExit status: 0 all results are whole, or the damaged ones are removed, 1 there are damaged ones.',
    )
    .action(async (options) => {
      const { damageOf, listEntries, removeEntry } = await import('../../pipeline/inventory.ts');
      const { folder, store } = await openStoreFolder(options.store);
      using interruption = interruptible();
      await using _ = options.remove ? await store.alone() : undefined;
      const entries = await listEntries(folder);
      let damaged = 0;
      for (const entry of entries) {
        const damage = await damageOf(entry, interruption.signal);
        if (damage.length === 0) continue;
        damaged += 1;
        print(`${entryLine(entry)}\n${damage.map((text) => `  ${text}\n`).join('')}`);
        if (options.remove) await removeEntry(entry);
      }
      const left = options.remove ? 0 : damaged;
      print(`${entries.length} results, ${damaged} damaged${damaged > left ? ' and removed' : ''}\n`);
      if (left > 0)
        throw new IngotError('store.damaged', `${left} of ${entries.length} results are damaged`, {
          where: folder,
          hint: '`ingot store verify --remove` removes them; the next build makes them again.',
        });
    });
