/** `ingot vulns IMAGE`. */
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { VERDICT_STATUS } from '../../judgement.ts';
import { withFeeds, withIndexes, withStore } from '../options.ts';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { FORMATS } from './formats.ts';

const days = (text: string): number => {
  const [, count] = /^(\d{1,4})d$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('write it as days: 7d.');
  return Number(count);
};

export const checkCommand = () =>
  withIndexes(withFeeds(withStore(new Command('check'))))
    .description('Show the known vulnerabilities of an image and the updates that it lacks.')
    .argument('<image>', 'a disk image, a bill of materials (CycloneDX or SPDX JSON), or a status file of dpkg')
    .option('--max-age <days>', 'older feeds are not relied on (default: what the policy says, else 7d)', days)
    .option('--os <release>', 'for a status file: debian:12')
    .option('--fail-on <what>', 'what counts: a severity, `fixable`, or both: high,fixable (default: all)')
    .option(
      '--policy <name|file>',
      'a policy: what counts (`vulnerabilities`), and what somebody answers for (`waivers`)',
    )
    .option('--vex <file>', 'OpenVEX statements of your own that something is not affected', collected, [])
    .addOption(new Option('--format <format>', 'the form of the output').choices(FORMATS).default('text' as const))
    .addHelpText(
      'after',
      `
Examples:
  ingot vulns out/my-image/my-image.qcow2
  ingot vulns image.qcow2 --feeds feeds --no-updates --fail-on high,fixable
  ingot vulns image.qcow2 --feeds feeds --policy ours.yaml --format sarif > vulns.sarif

Exit status: 0 nothing that counts, 1 findings, 2 bad usage, or something could not be judged.`,
    )
    .action(async (subject, options) => {
      const { checkVulnerabilities } = await import('./run-check.ts');
      const { rendered } = await import('./rendered.ts');
      using interruption = interruptible();
      const report = await checkVulnerabilities(resolve(subject), options, interruption.signal);
      print(rendered(report, options.format));
      process.exitCode = VERDICT_STATUS[report.judgement.verdict];
    });

function collected(path: string, before: string[]): string[] {
  return [...before, path];
}
