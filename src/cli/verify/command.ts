/** `ingot verify`: whether a finished folder is what a build made, and who says so. */
import { resolve } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { VERDICT_STATUS } from '../../judgement.ts';
import { JUDGEMENT_FORMATS, judgementText } from '../judgements/formats.ts';
import { withEvidence, withFeeds, withStore } from '../options.ts';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { collected } from '../signing.ts';
import { verb } from '../verb.ts';

export const verifyCommand = () =>
  withEvidence(withFeeds(withStore(verb('verify'))))
    .argument('<folder|image>', 'a finished folder (out/web), or an image in one')
    .option('--key <file>', 'a public key that has to have signed it (repeatable: one of them is enough)', collected)
    .option('--policy <file>', 'whose signatures count, and what has to be there: docs/provenance.md')
    .addOption(
      new Option('--format <format>', 'the form of the output').choices(JUDGEMENT_FORMATS).default('text' as const),
    )
    .option('--json', 'the same as --format json', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot verify out/web --key release.pub\n  ingot verify out/web/web.qcow2 --policy policy.yaml --json\n\nExit status: 0 it holds, 1 it does not hold, 2 it could not be judged.',
    )
    .action(async (target, options) => {
      const { readExpected } = await import('../../attest/expected.ts');
      const { readPolicy } = await import('../../policy/read-policy.ts');
      const { openContext } = await import('../../attest/verify-context.ts');
      const { checksWith, filesCheck, verify } = await import('../../verification.ts');
      const { defaultStoreFolder } = await import('../../pipeline/store.ts');
      using interruption = interruptible();
      const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
      const expected = await readExpected(options.key ?? [], policy?.policy.signatures);
      const context = await openContext(target, expected, interruption.signal);
      const store = resolve(options.store ?? defaultStoreFolder());
      const files = filesCheck(context, { store, packages: options.packages, keyring: options.keyring });
      const found = await verify(
        context,
        checksWith(policy, { more: files, feeds: options.feeds && resolve(options.feeds) }),
      );
      print(judgementText(target, found, options.json ? 'json' : options.format));
      process.exitCode = VERDICT_STATUS[found.verdict];
    });
