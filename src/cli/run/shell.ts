/** `ingot shell`: the machine of a failed run, started again from its kept disk. */
import { resolve } from 'node:path';
import { withStore } from '../options.ts';
import { verb } from '../verb.ts';

export const shellCommand = () =>
  withStore(verb('shell'))
    .argument('[run]', 'run folder, beginning of its name, or name of a recipe; the latest run when absent')
    .option('--write', 'the machine writes into the kept disk, instead of on a throw-away overlay', false)
    .addHelpText(
      'after',
      '\nExample:\n  ingot shell my-image\n\nCtrl-] presses the power button, twice ends the machine. A key for root is made for this one start.',
    )
    .action(async (wanted, { write, store: folder }) => {
      const { defaultStoreFolder } = await import('../../pipeline/store.ts');
      const { findRun } = await import('../../pipeline/runs.ts');
      const { shellOnTerminal } = await import('./shell-terminal.ts');
      const store = resolve(folder ?? defaultStoreFolder());
      await shellOnTerminal(await findRun(store, wanted), { store, write });
    });
