/** docs/cli.md: every verb as commander has it, walked object by object, so that no option can be missing or wrong there. */
import type { Argument, CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { EXIT_STATUS } from '../src/cli/verb.ts';
import { COMMANDS } from '../src/cli/verbs.ts';

/** Text that is no code: a `<name>` in it would be taken for a tag. */
const prose = (text: string): string => text.replaceAll('<', '\\<');

/** A default that is found only when the verb runs stands at the end of the description. */
const SAID_DEFAULT = / \(default: (.*)\)$/;

interface Described {
  readonly description: string;
  readonly defaultValue?: unknown;
  readonly argChoices?: readonly string[] | undefined;
}

/** A row of a table: a switch that is off and an empty list are no default that is worth a word. */
const row = (written: string, isRequired: boolean, { description, defaultValue, argChoices }: Described): string => {
  const choices = argChoices === undefined ? '' : `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`;
  const isValue = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  const said = SAID_DEFAULT.exec(description)?.[1] ?? '';
  const fallback = isValue ? `\`${defaultValue}\`` : said;
  const cells = [
    `\`${written}\``,
    prose(description.replace(SAID_DEFAULT, '')) + choices,
    isRequired ? 'required' : fallback,
  ];
  return `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
};

const argumentRow = (argument: Argument): string => {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return row(argument.required ? `<${name}>` : `[${name}]`, argument.required, argument);
};

const optionRow = (option: Option): string => row(option.flags, option.mandatory, option);

/** What `addHelpText` adds: what is printed below the help that commander makes by itself. */
const textBelow = (command: CommandUnknownOpts): string => {
  let printed = '';
  command.configureOutput({
    writeOut: (text) => {
      printed += text;
    },
  });
  command.outputHelp();
  return printed.slice(command.helpInformation().length).trim();
};

const paragraph = (text: string): string => {
  const examples = /^Examples?:\n([\s\S]*)$/.exec(text)?.[1];
  if (examples !== undefined) return ['```', examples.replaceAll(/^ {2}/gm, ''), '```'].join('\n');
  return prose(text.replace(/^Exit status:/, '**Exit status**:'));
};

const section = (command: CommandUnknownOpts, above: string): string[] => {
  const name = `${above} ${command.name()}`;
  const rows = [...command.registeredArguments.map(argumentRow), ...command.options.map(optionRow)];
  const below = command.commands.map((one) => one.name());
  const usage = below.length > 0 ? below.join('|') : command.usage().replace(/^\[options\] ?/, '');
  return [
    `${'#'.repeat(above === 'ingot' ? 2 : 3)} ${name}`,
    prose(command.description()),
    `\`${`${name} ${usage}`.trim()}\``,
    ...(rows.length === 0 ? [] : [['| | | default |', '|---|---|---|', ...rows].join('\n')]),
    ...textBelow(command)
      .split('\n\n')
      .filter((text) => text !== '')
      .map(paragraph),
    ...command.commands.flatMap((one) => section(one, name)),
  ];
};

export const cliReference = async (): Promise<string> => {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const lines = commands.map((command) => {
    const name = `ingot ${command.name()}`;
    return `| [\`${name}\`](#${name.replaceAll(' ', '-')}) | ${prose(command.description())} |`;
  });
  return `${[
    '# The command line',
    'Written from the commands themselves by `npm run generate`. `ingot --help` lists the verbs, `ingot VERB --help` shows the options of one.',
    ['| verb | what it does |', '|---|---|', ...lines].join('\n'),
    `**Exit status**: ${EXIT_STATUS}. A verb that means something else has its own line below.`,
    ...commands.flatMap((command) => section(command, 'ingot')),
  ].join('\n\n')}\n`;
};
