/** `ingot store`: what the store holds, whether it is whole, making it smaller, and carrying it elsewhere. */
import { verb } from '../verb.ts';
import { listCommand, storeShowCommand } from './list-store.ts';
import { pruneCommand } from './prune.ts';
import { exportCommand, importCommand } from './transfer.ts';
import { storeVerifyCommand } from './verify.ts';

export const storeCommand = () =>
  verb('store')
    .addHelpText('after', '\nExample:\n  ingot store prune --keep-last 3')
    .addCommand(listCommand())
    .addCommand(storeShowCommand())
    .addCommand(storeVerifyCommand())
    .addCommand(pruneCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand());
