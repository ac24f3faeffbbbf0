/** `ingot store`: what the store holds, whether it is whole, making it smaller, and carrying it elsewhere. */
import { verb } from '../verb.ts';
import { listCommand, showCommand } from './list-store.ts';
import { pruneCommand } from './prune.ts';
import { exportCommand, importCommand } from './transfer.ts';
import { verifyCommand } from './verify.ts';

export const storeCommand = () =>
  verb('store')
    .addHelpText('after', '\nExample:\n  ingot store prune --keep-last 3')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(verifyCommand())
    .addCommand(pruneCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand());
