/** `ingot inspect`. */
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { verb } from '../verb.ts';

export const inspectCommand = () =>
  verb('inspect')
    .argument('<image>', 'a disk image: qcow2, raw, VMDK, VHDX, VHD or VDI')
    .option('--json', 'print JSON with everything', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot inspect out/my-image/my-image.qcow2\n  ingot inspect cloud.qcow2 --json | jq .unowned',
    )
    .action(async (image, options) => {
      const { openSubject } = await import('../../distributions/open-subject.ts');
      const { inspect } = await import('../../inspect/inspect.ts');
      const { inspectionText } = await import('./inspection-text.ts');
      using interruption = interruptible();
      await using subject = await openSubject(image, interruption.signal);
      const found = await inspect(subject, await subject.savings());
      print(`${options.json ? JSON.stringify(found, null, 2) : inspectionText(found)}\n`);
    });
