/** `ingot media verify`. */
import { Command } from '@commander-js/extra-typings';
import { IngotError } from '../../errors.ts';
import type { Medium } from '../../media/iso/medium.ts';
import { tame } from '../../ui/format.ts';
import { print } from '../print.ts';
import { interruptible } from '../signals.ts';
import { checkLine, pathsText } from './inspection.ts';

const collected = (path: string, before: readonly string[] = []): string[] => [...before, path];

const packagesOf = async (medium: Medium, keys: readonly string[], signal: AbortSignal) => {
  const { checkMediumPackages } = await import('../../distributions/rpm/medium-packages.ts');
  const found = await checkMediumPackages(medium, keys, signal);
  if (found.packages > 0) return found;
  return { ...found, problems: ['there are no rpm packages on the medium, so the key says nothing'] };
};

export const verifyCommand = () =>
  new Command('verify')
    .description(
      'Check that an ISO is sound: boot structures, menus, checksums; and that nothing of the original is lost.',
    )
    .argument('<iso>', 'the ISO')
    .option('--original <iso>', 'the ISO it was made from: all of its files must be there, unchanged')
    .option(
      '--changed <path>',
      'a file that may differ from the original; menus and checksums may in any case (repeatable)',
      collected,
    )
    .option('--removed <path>', 'a file or folder of the original that must be gone (repeatable)', collected)
    .option(
      '--packages-key <file>',
      'a key of the vendor: each rpm package on the ISO has to be signed by it, or by another one that is named (repeatable)',
      collected,
    )
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExamples:\n  ingot media verify web.iso --original debian-12.8.0-amd64-netinst.iso\n  ingot media verify Rocky-9.6-x86_64-dvd.iso --packages-key RPM-GPG-KEY-Rocky-9\n\nExit status: 0 the medium is sound, 1 something is wrong.',
    )
    .action(async (iso, options) => {
      const { readMedium } = await import('../../media/iso/medium.ts');
      const { checkSoundness } = await import('../../media/verify/soundness.ts');
      const { checkKept } = await import('../../media/verify/kept-files.ts');
      using interruption = interruptible();
      const medium = await readMedium(iso, interruption.signal);
      const sound = await checkSoundness(medium, interruption.signal);
      const original =
        options.original === undefined ? undefined : await readMedium(options.original, interruption.signal);
      const kept = original && (await checkKept(original, medium, options, interruption.signal));
      const packages = options.packagesKey && (await packagesOf(medium, options.packagesKey, interruption.signal));
      const problems = [...sound.problems, ...(packages?.problems ?? [])];
      const lines = [
        `boot       ${pathsText(sound.bootPaths)}`,
        `menus      ${sound.menus} with ${sound.entries} entries`,
        ...sound.checks.map((check) => `check      ${checkLine(check)}`),
        ...Object.entries(packages?.signers ?? {}).map(([key, count]) => `packages   ${count} signed by ${key}`),
        ...(kept === undefined ? [] : [`unchanged  ${kept.unchanged} files of ${options.original}`]),
        ...(kept?.changed ?? []).map((path) => `changed    ${path}`),
        ...(kept?.added ?? []).map((path) => `added      ${path}`),
        ...(kept?.removed ?? []).map((path) => `removed    ${path}`),
      ];
      const text = options.json
        ? JSON.stringify({ iso, ...sound, problems, original: kept, packages }, null, 2)
        : lines.map((line) => tame(line)).join('\n');
      print(`${text}\n`);
      if (problems.length > 0)
        throw new IngotError('media.unsound', `${problems.length} things are wrong with the medium`, {
          where: iso,
          detail: problems.map((problem) => tame(problem)).join('\n'),
          hint: 'Download or make it again; a download has to have the SHA-256 that its publisher states.',
        });
    });
