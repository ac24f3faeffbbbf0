/** `ingot media inspect`. */
import { Command } from '@commander-js/extra-typings';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';

export const inspectCommand = () =>
  new Command('inspect')
    .description(
      'Show what an ISO is: distribution, installer, how it boots, what its menus start, whether its checksums are right.',
    )
    .argument('<iso>', 'the ISO')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExample:\n  ingot media inspect debian-12.8.0-amd64-netinst.iso')
    .action(async (iso, options) => {
      const { inspectMedium } = await import('../../media/inspect.ts');
      const { inspectionText } = await import('./inspection.ts');
      using interruption = interruptible();
      const info = await inspectMedium(iso, interruption.signal);
      const text = options.json
        ? JSON.stringify({ iso, ...info, menus: Object.fromEntries(info.menus) }, null, 2)
        : inspectionText(info);
      print(`${text}\n`);
    });
