/** `ingot lint`: what is wrong in an answer file or in what a recipe renders, without starting anything. */
import { Argument, Option } from '@commander-js/extra-typings';
import { withVariables } from './options.ts';
import { verb } from './verb.ts';

export const lintCommand = () =>
  withVariables(verb('lint'))
    .addArgument(new Argument('[files...]', 'preseed.cfg, ks.cfg or recipe files; - reads the standard input'))
    .option(
      '--release <release>',
      'the release to check for: debian-12, rhel-9, fedora-41 (once for each family)',
      (name: string, before: string | undefined) => (before === undefined ? name : `${before},${name}`),
    )
    .option('--iso <file>', 'use the debconf templates of this install ISO')
    .option(
      '--tree <place>',
      'check the names in %packages against this installation tree: a URL, an ISO or a folder (repeatable)',
      (place: string, before: string[]) => [...before, place],
      [],
    )
    .addOption(new Option('--as <kind>', 'what the file is').choices(['preseed', 'kickstart']))
    .option('--initrd', 'the file is read from the initrd, before the first question', false)
    .option('--ignore <rules>', 'rules to leave out, separated by commas')
    .addOption(
      new Option('--format <format>', 'the form of the output')
        .choices(['text', 'json', 'sarif', 'github', 'gitlab'])
        .default('text'),
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 for findings of this severity or worse')
        .choices(['error', 'warning', 'info'])
        .default('error'),
    )
    .option('--rules', 'print all rules', false)
    .addHelpText(
      'after',
      `
Examples:
  ingot lint preseed.cfg --release debian-12
  ingot lint ks.cfg --release rhel-9 --format sarif > lint.sarif
  ingot lint answers/* --release debian-13 --release rhel-10
  ingot lint ks.cfg --tree https://mirror.example.org/9/BaseOS/x86_64/os
  ingot lint my-image.yaml            what the recipe renders, for the build and for delivery

Exit status: 0 no finding of the severity given by --fail-on, 1 findings, 2 bad usage, or a file could not be checked.

The comment \`# ingot-lint: ignore RULE\` counts for its own line and the next, \`# ingot-lint: ignore-file RULE\` for the file.`,
    )
    .action(async (files, options) => {
      const { printRules, runLint } = await import('./lint-files.ts');
      if (options.rules) printRules();
      else process.exitCode = await runLint(files, options);
    });
