/** `ingot lint`: what is wrong in an answer file or in what a recipe renders, without starting anything. */
import { Argument, Option } from '@commander-js/extra-typings';
import { withVariables } from './options.ts';
import { verb } from './verb.ts';

export const lintCommand = () =>
  withVariables(verb('lint'))
    .addArgument(new Argument('[files...]', 'preseed.cfg, ks.cfg or recipe files; - for what stdin has'))
    .option(
      '--release <release>',
      'for which installer: debian-12, rhel-9, fedora-41; once for each family',
      (name: string, before: string | undefined) => (before === undefined ? name : `${before},${name}`),
    )
    .option('--iso <file>', "ask this install ISO's own debconf templates")
    .option(
      '--tree <place>',
      'hold %packages against this installation tree: a URL, an ISO or a folder; more than once for several',
      (place: string, before: string[]) => [...before, place],
      [],
    )
    .addOption(new Option('--as <kind>', 'what the file is').choices(['preseed', 'kickstart']))
    .option('--initrd', 'the file is delivered inside the initrd, before the first question', false)
    .option('--ignore <rules>', 'rules to leave out, with commas between them')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json', 'sarif', 'github']).default('text'),
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 from this severity on')
        .choices(['error', 'warning', 'info'])
        .default('error'),
    )
    .option('--rules', 'print what the rules are', false)
    .addHelpText(
      'after',
      `
Examples:
  ingot lint preseed.cfg --release debian-12
  ingot lint ks.cfg --release rhel-9 --format sarif > lint.sarif
  ingot lint answers/* --release debian-13 --release rhel-10
  ingot lint ks.cfg --tree https://mirror.example.org/9/BaseOS/x86_64/os
  ingot lint my-image.yaml            what the recipe renders, for the build and for delivery

Exit status: 0 nothing of the severity, 1 findings, 2 a file could not be checked (the others are) or bad usage.
A comment \`# ingot-lint: ignore RULE\` is for its line and the next, \`# ingot-lint: ignore-file RULE\` for the file.`,
    )
    .action(async (files, options) => {
      const { printRules, runLint } = await import('./lint-files.ts');
      if (options.rules) printRules();
      else process.exitCode = await runLint(files, options);
    });
