/** `ingot evidence`: a run packed for a bug report. */
import { resolve } from 'node:path';
import { bytes } from '../../ui/format.ts';
import { withStore } from '../options.ts';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { verb } from '../verb.ts';

export const evidenceCommand = () =>
  withStore(verb('evidence'))
    .argument('[run]', 'a run folder, the start of its name, or the name of a recipe (default: the latest run)')
    .requiredOption('-o, --output <file>', 'the .tar.gz to write')
    .option('--disk', 'also pack what failed stages had made: disks, with everything that is on them', false)
    .addHelpText('after', '\nExample:\n  ingot evidence my-image -o my-image-run.tar.gz')
    .action(async (wanted, options) => {
      const { defaultStoreFolder } = await import('../../pipeline/store.ts');
      const { findRun } = await import('../../pipeline/runs.ts');
      const { requireFile } = await import('../../capture/output.ts');
      const { packRun } = await import('./pack.ts');
      await requireFile(options.output);
      using interruption = interruptible();
      const run = await findRun(resolve(options.store ?? defaultStoreFolder()), wanted);
      const { path, size, files, changed, leftOut, missing } = await packRun(run, resolve(options.output), {
        disk: options.disk,
        signal: interruption.signal,
      });
      print(`${path}  ${bytes(size)}, ${files} files of ${run.name}\n`);
      if (changed.length > 0) print(`taken out of: ${changed.join(', ')}\n`);
      if (leftOut.length > 0) print(`left out, since a secret was shown there: ${leftOut.join(', ')}\n`);
      if (missing.length > 0)
        print(`secrets that could not be searched for, since they cannot be read: ${missing.join(', ')}\n`);
    });
