/** `ingot bundle`: all that a rebuild needs in one file, for hosts without a network and for years to come. */
import { verb } from '../verb.ts';
import { bundleExportCommand } from './export.ts';
import { bundleListCommand, bundleVerifyCommand } from './look.ts';

export const bundleCommand = () =>
  verb('bundle')
    .addHelpText('after', '\nExample:\n  ingot bundle export web.yaml -o web.bundle')
    .addCommand(bundleExportCommand())
    .addCommand(bundleVerifyCommand())
    .addCommand(bundleListCommand());
