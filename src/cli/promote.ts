/** `ingot promote`: a finished folder that holds becomes a golden one. */
import { resolve } from 'node:path';
import { VERDICT_STATUS } from '../judgement.ts';
import { judgementText } from './judgements/formats.ts';
import { withEvidence, withFeeds, withStore } from './options.ts';
import { print } from './print.ts';
import { interruptible } from './signals.ts';
import { collected, signingOf, withSigner } from './signing.ts';
import { verb } from './verb.ts';

export const promoteCommand = () =>
  withEvidence(withFeeds(withSigner(withStore(verb('promote')))))
    .argument('<folder>', 'a finished folder (out/web)')
    .requiredOption('--to <folder>', 'where golden images are kept; it appears there by its name')
    .option('--key <file>', 'a public key that has to have signed it (repeatable: one of them is enough)', collected)
    .option('--policy <name|file>', 'what it has to keep, whose signatures count')
    .addHelpText(
      'after',
      '\nExample:\n  ingot promote out/web --to golden --key release.pub --policy ours.yaml --sign promoter.key\n\nExit status: 0 promoted, 1 it does not hold, 2 it could not be judged: nothing is copied then.',
    )
    .action(async (folder, options) => {
      const { readExpected } = await import('../attest/expected.ts');
      const { openContext } = await import('../attest/verify-context.ts');
      const { readPolicy } = await import('../policy/read-policy.ts');
      const { defaultStoreFolder } = await import('../pipeline/store.ts');
      const { checksWith, filesCheck } = await import('../verification.ts');
      const { promote } = await import('../promotion.ts');
      using interruption = interruptible();
      const { signer } = await signingOf(options);
      const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
      const expected = await readExpected(options.key ?? [], policy?.policy.signatures);
      const context = await openContext(folder, expected, interruption.signal);
      const store = resolve(options.store ?? defaultStoreFolder());
      const files = filesCheck(context, { store, packages: options.packages, keyring: options.keyring });
      const checks = checksWith(policy, { more: files, feeds: options.feeds && resolve(options.feeds) });
      const { verified, output } = await promote({ context, checks, policy, to: options.to, signer, now: new Date() });
      print(judgementText(folder, verified, 'text'));
      const by =
        signer === undefined
          ? 'UNSIGNED: --sign KEY vouches for it'
          : `signed by the key ${signer.public.id.slice(0, 16)}…`;
      print(output === undefined ? 'not promoted\n' : `promoted: ${output}\n  promotion.intoto.json is ${by}\n`);
      process.exitCode = VERDICT_STATUS[verified.verdict];
    });
