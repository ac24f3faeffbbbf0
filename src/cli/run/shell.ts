/** `ingot shell`: the machine of a failed run, started again from its kept disk. */
import { resolve } from 'node:path';
import { withStore } from '../options.ts';
import { verb } from '../verb.ts';

export const shellCommand = () =>
  withStore(verb('shell'))
    .argument('[run]', 'a run folder, the start of its name, or the name of a recipe (default: the latest run)')
    .option('--write', 'write to the kept disk; without it, what the machine writes is thrown away', false)
    .addHelpText(
      'after',
      '\nExample:\n  ingot shell my-image\n\nCtrl-] presses the power button; Ctrl-] twice ends the machine. SSH is for root, with a key made for this start.',
    )
    .action(async (wanted, { write, store: folder }) => {
      const { defaultStoreFolder } = await import('../../pipeline/store.ts');
      const { findRun } = await import('../../pipeline/runs.ts');
      const { shellOnTerminal } = await import('./shell-terminal.ts');
      const store = resolve(folder ?? defaultStoreFolder());
      await shellOnTerminal(await findRun(store, wanted), { store, write });
    });
