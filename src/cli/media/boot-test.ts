/** `ingot media boot-test`. */
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { BootTest, PathResult } from '../../media/boot-test/result.ts';
import { TEST_PATHS, type TestPath } from '../../media/boot-test/test-paths.ts';
import { tame } from '../../ui/format.ts';
import { withStore } from '../options.ts';
import { print, say } from '../print.ts';
import { AlreadyReported } from '../reported.ts';
import { interruptible } from '../signals.ts';

const seconds = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number of seconds is needed.');
  return Number(text);
};

export const bootTestCommand = () =>
  withStore(new Command('boot-test'))
    .description('Boot an ISO in QEMU in every way that it supports, until its kernel runs. Nothing is installed.')
    .argument('<iso>', 'the ISO')
    .addOption(new Option('--path <paths...>', 'test only these').choices(TEST_PATHS))
    .option('--limit <seconds>', 'the time for each way with KVM; without KVM it is six times as long', seconds)
    .option('--evidence <folder>', 'keep the launchers, logs and screens of the machines in this folder')
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  ingot media boot-test my-image.iso\n\nExit status: 0 every way boots, 1 one does not.',
    )
    .action(async (iso, options) => {
      const { bootTest } = await import('../../media/boot-test/boot-test.ts');
      const { requireBoots, bootPathText: pathText, startedLines } = await import('../../media/boot-test/result.ts');
      const { hostAccelerator } = await import('../accelerator.ts');
      const { silentReporter } = await import('../../report.ts');
      using interruption = interruptible();
      const { signal } = interruption;
      const reporter = { ...silentReporter, note: say, phase: (name: string) => say(`${name} …`) };
      const accelerator = await hostAccelerator({ store: options.store, reporter, signal });
      const { evidence } = options;
      const limit = options.limit === undefined ? undefined : options.limit * 1000;
      const test = await bootTest(iso, { accelerator, paths: options.path, limit, evidence, reporter, signal });
      print(
        `${options.json ? JSON.stringify(test, null, 2) : matrixText(test, pathText, startedLines(test.results))}\n`,
      );
      try {
        requireBoots(test, evidence);
      } catch (error) {
        throw new AlreadyReported(error);
      }
    });

const ROWS = [
  ['BIOS', 'bios'],
  ['UEFI', 'uefi'],
  ['UEFI with Secure Boot', 'uefi-secure'],
] as const;

const matrixText = (
  { results }: BootTest,
  pathText: (path: TestPath) => string,
  started: readonly string[],
): string => {
  const cell = (path: string): string => cellText(results.find((result) => result.path === path));
  const row = (title: string, cd: string, usb: string): string => `${title.padEnd(24)}${cd.padEnd(16)}${usb}`;
  const reasons = results.filter(({ outcome }) => outcome !== 'boots');
  return [
    row('', 'CD', 'USB').trimEnd(),
    ...ROWS.map(([title, key]) => row(title, cell(`${key}-cd`), cell(`${key}-usb`))),
    '',
    ...started,
    ...reasons.map(({ path, outcome, detail }) => `${pathText(path)} ${outcome.replace('-', ' ')}: ${detail}`),
  ]
    .map((line) => tame(line, 400))
    .join('\n');
};

const cellText = (result: PathResult | undefined): string => {
  if (result === undefined) return 'not tried';
  if (result.outcome === 'not-claimed') return 'not claimed';
  return `${result.outcome === 'boots' ? 'boots' : 'FAILS'}${result.seconds === undefined ? '' : `, ${result.seconds} s`}`;
};
