/** `ingot store`: what the store holds, whether it is whole, making it smaller, and carrying it elsewhere. */
import { Command } from '@commander-js/extra-typings';
import { listCommand, showCommand } from './list.ts';
import { pruneCommand } from './prune.ts';
import { exportCommand, importCommand } from './transfer.ts';
import { verifyCommand } from './verify.ts';

export const storeCommand = () =>
  new Command('store')
    .description('List, check, prune and carry the stored results of stages.')
    .addHelpText('after', '\nExample:\n  ingot store prune --keep-last 3')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(verifyCommand())
    .addCommand(pruneCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand());
