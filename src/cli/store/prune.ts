/** `ingot store prune`. */
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { IngotError } from '../../errors.ts';
import { bytes } from '../../ui/format.ts';
import { withStore } from '../options.ts';
import { print } from '../print.ts';
import { entryLine, openStoreFolder, totalSize } from './common.ts';

export const pruneCommand = () =>
  withStore(new Command('prune'))
    .description(
      'Remove results that the options do not keep, packages, ISOs and images that no result needs, and leftovers of failed builds.',
    )
    .option('--keep-last <n>', 'keep the N results used last, of each stage', count)
    .option('--older-than <days>', 'remove what was not used for this long, such as 30d', days)
    .option('--max-size <size>', 'keep at most this much, such as 20G; those used last stay', bytesOf)
    .option('--dry-run', 'only show what would be removed', false)
    .addHelpText('after', '\nExample:\n  ingot store prune --keep-last 3 --older-than 30d')
    .action(async (options) => {
      const { listEntries, removeEntry, toPrune, unfinishedFiles, unnamedFiles } = await import(
        '../../pipeline/inventory.ts'
      );
      const { folder, store } = await openStoreFolder(options.store);
      const { keepLast, olderThan, maxSize } = options;
      if (keepLast === undefined && olderThan === undefined && maxSize === undefined)
        throw new IngotError('usage.no-rule', 'no option says what to remove', {
          hint: 'Give --keep-last, --older-than or --max-size.',
        });
      await using _ = await store.alone();
      const entries = await listEntries(folder);
      const going = toPrune(entries, { keepLast, olderThan, maxSize });
      const staying = entries.filter((entry) => !going.includes(entry));
      const files = await unnamedFiles(folder, staying);
      const unfinished = await unfinishedFiles(folder);
      print(going.map((entry) => `${entryLine(entry)}\n`).join(''));
      const all = [...going, ...files, ...unfinished];
      if (!options.dryRun) for (const entry of all) await removeEntry(entry);
      const what = `${going.length} results, ${files.length} packages, ISOs and images and ${unfinished.length} unfinished results, ${bytes(totalSize(all))}`;
      print(`${options.dryRun ? 'would remove' : 'removed'} ${what}\n`);
    });

const count = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('write a whole number.');
  return Number(text);
};

const days = (text: string): number => {
  const [, number] = /^(\d+)d$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('write it in days: 30d.');
  return Number(number) * 86_400_000;
};

const UNITS = ['K', 'M', 'G', 'T'];

const bytesOf = (text: string): number => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT])$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('write it as 500M or 20G.');
  return Math.round(Number(number) * 1024 ** (UNITS.indexOf(unit) + 1));
};
