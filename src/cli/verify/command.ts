/** `ingot verify`: whether a finished folder is what a build made, and who says so. */
import { resolve } from 'node:path';
import { VERDICT_STATUS } from '../../judgement.ts';
import { withStore } from '../options.ts';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { verb } from '../verb.ts';

const collected = (path: string, before: readonly string[] = []): string[] => [...before, path];

export const verifyCommand = () =>
  withStore(verb('verify'))
    .argument('<folder|image>', 'a finished folder (out/web), or an image in one')
    .option('--key <file>', 'a public key that has to have signed it (repeatable: one of them is enough)', collected)
    .option('--policy <file>', 'a policy: whose signatures count, and what has to be there')
    .option('--packages <folder>', 'packages and indexes of the archive, which the files of the image are held against')
    .option('--keyring <file>', 'keys that have to have signed these indexes (default: those of Debian)')
    .option('--json', 'print JSON with everything', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot verify out/web --key release.pub\n  ingot verify out/web/web.qcow2 --policy policy.yaml --json\n\nExit status: 0 it holds, 1 it does not hold, 2 it could not be judged.',
    )
    .action(async (target, options) => {
      const { openContext } = await import('../../attest/verify-context.ts');
      const { checksFor, verify } = await import('../../verification.ts');
      const { defaultStoreFolder } = await import('../../pipeline/store.ts');
      const { verifiedText } = await import('./verified-text.ts');
      using interruption = interruptible();
      const context = await openContext(target, interruption.signal);
      const store = resolve(options.store ?? defaultStoreFolder());
      const evidence = { store, packages: options.packages, keyring: options.keyring };
      const found = await verify(context, checksFor(context, evidence));
      print(`${options.json ? JSON.stringify({ target, ...found }, null, 2) : verifiedText(target, found)}\n`);
      process.exitCode = VERDICT_STATUS[found.verdict];
    });
