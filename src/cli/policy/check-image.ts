/** `ingot check`: an image against policies. */
import { Option } from '@commander-js/extra-typings';
import { VERDICT_STATUS, verdictOf } from '../../judgement.ts';
import { JUDGEMENT_FORMATS, judgementText } from '../judgements/formats.ts';
import { withFeeds, withIndexes, withStore } from '../options.ts';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { verb } from '../verb.ts';

const collected = (name: string, before: readonly string[] = []): string[] => [...before, name];

export const checkCommand = () =>
  withIndexes(withFeeds(withStore(verb('check'))))
    .argument('<image>', 'a disk image: qcow2, raw, VMDK, VHDX, VHD or VDI')
    .addOption(
      new Option('-p, --policy <name|file>', 'a ready policy, or a file (repeatable)')
        .argParser(collected)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--format <format>', 'the form of the output').choices(JUDGEMENT_FORMATS).default('text' as const),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  ingot check out/my-image/my-image.qcow2 --policy baseline\n  ingot check cloud.qcow2 -p server-hardened -p ./ours.yaml --format junit > policy.xml\n  ingot check image.qcow2 -p ours.yaml --feeds feeds --no-updates\n\nExit status: 0 the image keeps them, 1 it does not, 2 it could not be judged.',
    )
    .action(async (image, options) => {
      const { readPolicy } = await import('../../policy/read-policy.ts');
      const { sha256File } = await import('../../host/files.ts');
      const { sourcesOf } = await import('../vulns/sources.ts');
      const { NO_SOURCES } = await import('../../stages/policy/look-for-vulnerabilities.ts');
      const { judgeImage, madeOf, testsOf } = await import('../../stages/policy/judge-image.ts');
      using interruption = interruptible();
      const { signal } = interruption;
      const policies = await Promise.all([...new Set(options.policy)].map(readPolicy));
      const isAsked = policies.some(({ policy: { age, origin, tests } }) => [age, origin, tests].some(Boolean));
      const digest = isAsked ? await sha256File(image, signal) : '';
      const made = isAsked ? await madeOf(image, digest) : undefined;
      const others = { tests: isAsked ? await testsOf(image, digest) : undefined };
      const wantsSources = policies.some(({ policy: { vulnerabilities } }) => vulnerabilities !== undefined);
      const sources = wantsSources ? await sourcesOf(options) : NO_SOURCES;
      const checks = await judgeImage(image, { policies, made, others, sources, now: new Date(), signal });
      const found = { verdict: verdictOf(checks.map(({ verdict }) => verdict)), checks };
      print(judgementText(image, found, options.format));
      process.exitCode = VERDICT_STATUS[found.verdict];
    });
