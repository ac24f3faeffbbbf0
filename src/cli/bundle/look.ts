/** `ingot bundle verify` and `list`: a bundle is read, and nothing is taken from it. */
import { Command } from '@commander-js/extra-typings';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';

export const bundleVerifyCommand = () =>
  new Command('verify')
    .description('Read a bundle to its end, and hold every content against its digest.')
    .argument('<file>', 'a bundle')
    .addHelpText('after', '\nExample:\n  ingot bundle verify web.bundle\n\nExit status: 0 it is whole, 1 it is not.')
    .action(async (file) => {
      const { openBundle } = await import('../../bundle/read-bundle.ts');
      const { indexSummary } = await import('./index-text.ts');
      using interruption = interruptible();
      await using bundle = await openBundle(file);
      await bundle.read({ begin: async () => undefined }, interruption.signal);
      print(`${indexSummary(bundle.index)}${file} is whole: sha256 of its index ${bundle.indexDigest}\n`);
    });

export const bundleListCommand = () =>
  new Command('list')
    .description(
      'Show what is in a bundle, by its index, and the fingerprints of the keys that it brings; no other content is read.',
    )
    .argument('<file>', 'a bundle')
    .option('--json', 'print the index itself', false)
    .addHelpText('after', '\nExample:\n  ingot bundle list web.bundle')
    .action(async (file, options) => {
      const { openBundle } = await import('../../bundle/read-bundle.ts');
      const { indexText } = await import('../../bundle/bundle-index.ts');
      const { indexLines, indexSummary, keysText } = await import('./index-text.ts');
      const { keyFingerprints } = await import('../../formats/signatures/fingerprints.ts');
      await using bundle = await openBundle(file);
      const { index } = bundle;
      if (options.json) return print(indexText(index));
      print(
        `${indexLines(index)}\n${index.name}, written by Ingot ${index.ingot}; sha256 of the index ${bundle.indexDigest}\n`,
      );
      const keys = await bundle.contents('keyring');
      print(`${indexSummary(index)}${keysText([...new Set(keys.flatMap(keyFingerprints))].sort())}`);
    });
