/** `ingot media compare`. */
import { Command } from '@commander-js/extra-typings';
import { IngotError, none } from '../../errors.ts';
import { tame } from '../../ui/format.ts';
import { print } from '../print.ts';
import { AlreadyReported } from '../reported.ts';
import { interruptible } from '../signals.ts';

export const compareCommand = () =>
  new Command('compare')
    .description('Show how two ISOs differ: structures, files, attributes, and bytes that belong to no file.')
    .argument('<a>', 'the first ISO')
    .argument('<b>', 'the second ISO')
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  ingot media compare monday.iso tuesday.iso\n\nExit status: 0 they are equal, 1 they differ.',
    )
    .action(async (a, b, options) => {
      const { compareMedia } = await import('../../media/compare/compare.ts');
      using interruption = interruptible();
      const comparison = await compareMedia(a, b, interruption.signal);
      const { isEqual, differences, counts } = comparison;
      const lines = differences.map(({ kind, where, detail }) => tame(`${kind.padEnd(10)} ${where}: ${detail}`));
      const summary = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
      const text = isEqual ? 'equal, byte for byte' : [...lines, `they differ: ${summary.join(', ')}`].join('\n');
      print(`${options.json ? JSON.stringify({ a, b, ...comparison }, null, 2) : text}\n`);
      const hint = none('the differences are what was asked for');
      if (!isEqual) throw new AlreadyReported(new IngotError('media.differ', `${a} and ${b} differ`, { hint }));
    });
