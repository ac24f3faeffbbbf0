/** `ingot why`. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { verb } from '../verb.ts';

const MOST_CHAINS = 10;

const wholeNumber = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number is needed.');
  return Number(text);
};

export const whyCommand = () =>
  verb('why')
    .argument('<image>', 'a disk image: qcow2, raw, VMDK, VHDX, VHD or VDI')
    .argument('<package>', 'an installed package')
    .option('--most <number>', 'show at most this many reasons', wholeNumber, MOST_CHAINS)
    .option('--json', 'print JSON with all reasons', false)
    .addHelpText('after', '\nExample:\n  ingot why out/my-image/my-image.qcow2 libpython3.11-stdlib')
    .action(async (image, name, options) => {
      const { openSubject, requireDatabase } = await import('../../distributions/open-subject.ts');
      const { packageGraph } = await import('../../inspect/package-graph.ts');
      const { whyInstalled } = await import('../../inspect/why.ts');
      const { whyText } = await import('./why-text.ts');
      using interruption = interruptible();
      await using subject = await openSubject(image, interruption.signal);
      const found = whyInstalled(packageGraph(requireDatabase(subject)), name);
      print(`${options.json ? JSON.stringify(found, null, 2) : whyText(found, options.most)}\n`);
    });
