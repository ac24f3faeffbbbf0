/** `ingot test`. */
import { Option } from '@commander-js/extra-typings';
import { VERDICT_STATUS } from '../../judgement.ts';
import { withStore, withVariables } from '../options.ts';
import { print } from '../print.ts';
import { verb } from '../verb.ts';
import { formatted, REPORT_FORMATS } from './test-formats.ts';

const collected = (name: string, before: readonly string[] = []): string[] => [...before, name];

export const testCommand = () =>
  withStore(withVariables(verb('test')))
    .argument('<image>', 'a disk image: qcow2, raw, VMDK, VHDX, VHD or VDI')
    .option('-f, --file <file>', 'the tests, or a recipe that has them (default: it boots, and no unit fails)')
    .option(
      '-m, --machine <name>',
      'boot it on this machine alone (repeatable); docs/testing-images.md has their names',
      collected,
    )
    .option('--static', 'only what can be read from the disk: nothing is booted', false)
    .addOption(
      new Option('--format <name>', 'how the results are printed').choices(REPORT_FORMATS).default('text' as const),
    )
    .option('-o, --output <file>', 'write the results to this file instead')
    .option('--keep-disks', 'when a test fails, keep the disks of its machines', false)
    .option('--no-cache', 'test again, though nothing has changed')
    .option('--plain', 'print plain lines, also on a terminal', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot test out/my-image/my-image.qcow2 -f my-image.yaml\n  ingot test cloud.qcow2 -f tests.yaml --static\n  ingot test cloud.qcow2 -m bios-ide -m uefi-nvme --format junit -o results.xml\n\nThe image itself is never written to. Exit status: 0 all tests hold, 1 one fails, 2 one could not be judged, or bad usage.',
    )
    .action(async (image, options) => {
      const { testOnce } = await import('./test-session.ts');
      const { writeFileWhole } = await import('../../host/files.ts');
      const { report, runFolder } = await testOnce(image, { ...options, machines: options.machine ?? [] });
      const text = formatted(report, options.format);
      if (options.output === undefined) print(text);
      else await writeFileWhole(options.output, text);
      if (report.verdict !== 'holds' && options.format === 'text') print(`screens and logs: ${runFolder}\n`);
      process.exitCode = VERDICT_STATUS[report.verdict];
    });
