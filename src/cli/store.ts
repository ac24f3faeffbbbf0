/** `ingot store`: what the store holds, whether it is whole, and making it smaller. */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { IngotError } from '../errors.ts';
import type { Entry } from '../pipeline/inventory.ts';
import { age, bytes } from '../ui/format.ts';
import { withStore } from './options.ts';
import { interruptible } from './session.ts';

export const storeCommand = () =>
  new Command('store')
    .description('List, check and prune the stored results of stages.')
    .addHelpText('after', '\nExample:\n  ingot store prune --keep-last 3')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(verifyCommand())
    .addCommand(pruneCommand());

const listCommand = () =>
  withStore(new Command('list'))
    .description('All results, those used last first.')
    .option('--json', 'as JSON', false)
    .addHelpText('after', '\nExample:\n  ingot store list')
    .action(async (options) => {
      const { listEntries, sizeOf, unfinishedFiles } = await import('../pipeline/inventory.ts');
      const { store, folder } = await openFolder(options.store);
      const entries = await listEntries(folder);
      if (options.json) return void process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
      const shared = await Promise.all((['packages', 'isos'] as const).map((name) => sizeOf(store.shared(name))));
      const unfinished = (await unfinishedFiles(folder)).reduce((sum, { size }) => sum + size, 0);
      process.stdout.write(
        [
          ...entries.map(line),
          `${bytes(total(entries))} in ${entries.length} results, ${bytes(shared.reduce((a, b) => a + b))} of packages and ISOs, ${bytes(unfinished)} left by failed builds`,
          '',
        ].join('\n'),
      );
    });

const line = ({ stage, digest, size, made, used }: Entry): string => {
  const now = Date.now();
  return `${stage.padEnd(16)} ${digest.slice(0, 12)} ${bytes(size).padStart(8)}  made ${age(now - made)}, used ${age(now - used)}`;
};

const total = (entries: readonly Entry[]): number => entries.reduce((sum, { size }) => sum + size, 0);

const showCommand = () =>
  withStore(new Command('show'))
    .description('The key and the result of one entry.')
    .argument('<digest>', 'its digest, or the start of it')
    .addHelpText('after', '\nExample:\n  ingot store show 3f2a91')
    .action(async (digest, options) => {
      const { listEntries } = await import('../pipeline/inventory.ts');
      const { readFile } = await import('node:fs/promises');
      const { folder } = await openFolder(options.store);
      const found = (await listEntries(folder)).filter((entry) => entry.digest.startsWith(digest));
      const [entry] = found;
      if (!entry || found.length > 1) {
        throw new IngotError('usage.no-such-result', `${found.length} results begin with ${digest}`, {
          where: folder,
          hint: '`ingot store list` shows them.',
        });
      }
      process.stdout.write(`${line(entry)}\n${entry.folder}\n`);
      for (const name of ['key.json', 'result.json'])
        process.stdout.write(`${name} ${await readFile(resolve(entry.folder, name), 'utf8')}`);
    });

const verifyCommand = () =>
  withStore(new Command('verify'))
    .description('Digest every file of every result again.')
    .option('--remove', 'remove damaged results, so that the next build makes them again', false)
    .addHelpText('after', '\nExample:\n  ingot store verify --remove')
    .action(async (options) => {
      const { damageOf, listEntries, removeEntry } = await import('../pipeline/inventory.ts');
      const { folder, store } = await openFolder(options.store);
      using interruption = interruptible();
      await using _ = options.remove ? await store.alone() : undefined;
      const entries = await listEntries(folder);
      let damaged = 0;
      for (const entry of entries) {
        const damage = await damageOf(entry, interruption.signal);
        if (damage.length === 0) continue;
        damaged += 1;
        process.stdout.write(`${line(entry)}\n${damage.map((text) => `  ${text}\n`).join('')}`);
        if (options.remove) await removeEntry(entry);
      }
      const left = options.remove ? 0 : damaged;
      process.stdout.write(`${entries.length} results, ${damaged} damaged${damaged > left ? ' and removed' : ''}\n`);
      if (left > 0)
        throw new IngotError('store.damaged', `${left} of ${entries.length} results are damaged`, {
          where: folder,
          hint: '`ingot store verify --remove` removes them; the next build makes them again.',
        });
    });

const pruneCommand = () =>
  withStore(new Command('prune'))
    .description('Remove results that the options do not keep, and what failed builds left unfinished.')
    .option('--keep-last <n>', 'of each stage, keep the N used last', count)
    .option('--older-than <days>', 'remove what was not used for so long: 30d', days)
    .option('--max-size <size>', 'keep at most so much, those used last: 20G', bytesOf)
    .option('--dry-run', 'only say what would go', false)
    .addHelpText('after', '\nExample:\n  ingot store prune --keep-last 3 --older-than 30d')
    .action(async (options) => {
      const { listEntries, removeEntry, toPrune, unfinishedFiles } = await import('../pipeline/inventory.ts');
      const { folder, store } = await openFolder(options.store);
      const { keepLast, olderThan, maxSize } = options;
      if (keepLast === undefined && olderThan === undefined && maxSize === undefined)
        throw new IngotError('usage.no-rule', 'nothing says what may go', {
          hint: 'Give --keep-last, --older-than or --max-size.',
        });
      await using _ = await store.alone();
      const going = toPrune(await listEntries(folder), { keepLast, olderThan, maxSize });
      const unfinished = await unfinishedFiles(folder);
      process.stdout.write(going.map((entry) => `${line(entry)}\n`).join(''));
      const freed = total(going) + unfinished.reduce((sum, { size }) => sum + size, 0);
      if (!options.dryRun) for (const entry of [...going, ...unfinished]) await removeEntry(entry);
      const what = `${going.length} results and ${unfinished.length} unfinished ones, ${bytes(freed)}`;
      process.stdout.write(`${options.dryRun ? 'would remove' : 'removed'} ${what}\n`);
    });

const openFolder = async (option: string | undefined) => {
  const { defaultStoreFolder, openStore } = await import('../pipeline/store.ts');
  const folder = resolve(option ?? defaultStoreFolder());
  return { folder, store: await openStore(folder) };
};

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
