/** Whether the release knows a command and its options, and whether they are complete: all from the table. */
import type { ArgumentFault, Arguments } from '../command-arguments.ts';
import { readArguments } from '../command-arguments.ts';
import { shown, type Tell } from '../findings.ts';
import type { Command, Line } from '../kickstart-document.ts';
import { isReached, type KickstartRelease } from '../release.ts';
import { type CommandFacts, factsOf, kickstartTable } from '../table.ts';
import type { Word } from '../words.ts';
import type { ParsedCommand } from './check-context.ts';
import { checkLifetime, isUsable, type LifetimePlace } from './lifetime.ts';
import { checkValue } from './values.ts';

/** The commands that the release has; the others are told. */
export const checkCommands = (
  commands: readonly Command[],
  release: KickstartRelease,
  tell: Tell,
): readonly ParsedCommand[] => {
  const known = knownCommands(release);
  return commands.flatMap((command) => {
    const { name, line, words } = command;
    const facts = factsOf(kickstartTable().commands, name.text);
    if (!facts) {
      unknownCommand(name, line, known, tell);
      return [];
    }
    if (!checkLifetime('command', facts, name, name.text, { line, release, tell, instead: facts.instead })) return [];
    if (facts.free || isReached(release, facts.ignored))
      return [{ command, line, name: name.text, facts, args: { options: [], positional: [], faults: [] } }];
    const args = checkWords(words, facts, { line, release, tell, of: name.text, at: name });
    return [{ command, line, name: name.text, facts, args }];
  });
};

const unknownCommand = (name: Word, line: Line, known: readonly string[], tell: Tell): void => {
  const near = tell.near(name.text, known);
  tell('unknown-command', line, name, `${shown(name.text)} is not a kickstart command`, {
    hint: near === undefined ? 'A script belongs in a section such as %post.' : `Did you mean \`${near}\`?`,
    replacement: near,
  });
};

const knownCommands = (release: KickstartRelease): readonly string[] =>
  Object.entries(kickstartTable().commands).flatMap(([name, facts]) => (isUsable(release, facts) ? [name] : []));

export interface WordsPlace extends LifetimePlace {
  /** Command or section that the words belong to. */
  readonly of: string;
  readonly at: Word;
}

/** Options, their values, arguments, and what has to be there or must not be together. */
export const checkWords = (words: readonly Word[], facts: CommandFacts, place: WordsPlace): Arguments => {
  const { line, release, tell } = place;
  const options = facts.options ?? {};
  const args = readArguments(words, options, (option) => isUsable(release, option));
  for (const fault of args.faults) tellFault(fault, Object.keys(options), place);
  const there = args.options.filter((use) =>
    checkLifetime('option', use.facts, use.word, use.name, { line, release, tell }),
  );
  for (const use of there) checkValue(use, line, release, tell);
  if (args.faults.length === 0 && there.length === args.options.length) {
    checkPositional(args, facts, place);
    checkTogether(args, facts, place);
  }
  return { ...args, options: there.length === args.options.length ? args.options : there };
};

const tellFault = (
  { kind, word, name, candidates }: ArgumentFault,
  known: readonly string[],
  { line, tell, of }: WordsPlace,
): void => {
  if (kind === 'unknown') {
    const near = tell.near(name, known);
    tell('unknown-option', line, word, `${of} has no option ${shown(name)}`, {
      hint: near === undefined ? undefined : `Did you mean \`${near}\`?`,
    });
  }
  if (kind === 'ambiguous')
    tell('unknown-option', line, word, `${shown(name)} could be ${(candidates ?? []).join(' or ')}`);
  if (kind === 'missing-value') tell('missing-value', line, word, `${name} needs a value`);
  if (kind === 'needless-value') tell('needless-value', line, word, `${name} takes no value`);
};

const checkPositional = (
  { positional }: Arguments,
  { positional: count = [0, 0], argumentFrom, firstArgument }: CommandFacts,
  { line, release, tell, of, at }: WordsPlace,
): void => {
  const most = count[1];
  const least = isReached(release, argumentFrom) ? 1 : count[0];
  const [first] = positional;
  if (first && firstArgument && !firstArgument.includes(first.text))
    tell('bad-value', line, first, `${of} expects ${firstArgument.join(' or ')} here, not ${shown(first.text)}`);
  const surplus = most < 0 ? undefined : positional[most];
  if (positional.length < least)
    tell('arguments', line, at, least === 1 ? `${of} needs an argument` : `${of} needs ${least} arguments`);
  else if (surplus)
    tell(
      'arguments',
      line,
      surplus,
      `${of} takes ${most === 0 ? 'no' : `at most ${most}`} argument${most === 1 || most === 0 ? '' : 's'}, ${shown(surplus.text)} is one too many`,
      {
        hint: 'A value with blanks in it needs quotes; a list has commas without blanks.',
      },
    );
};

const checkTogether = (args: Arguments, facts: CommandFacts, { line, release, tell, of, at }: WordsPlace): void => {
  const used = (name: string): boolean =>
    name === 'ARGUMENT'
      ? args.positional.length > 0
      : args.options.some((use) => use.name === name && use.value !== '');
  for (const [name, { required, requiredBefore }] of Object.entries(facts.options ?? {}))
    if ((required || (requiredBefore && !isReached(release, requiredBefore))) && !used(name))
      tell('required-option', line, at, `${of} needs ${name}`);
  for (const group of facts.oneOf ?? [])
    if (!group.some(used)) tell('required-option', line, at, `${of} needs ${oneOf(group)}`);
  for (const group of facts.exclusive ?? []) {
    const both = group.filter(used);
    const second = args.options.find(({ name }) => name === both[1]);
    if (second) tell('exclusive-options', line, second.word, `${both.join(' and ')} exclude each other`);
  }
  for (const [name, other] of Object.entries(facts.needs ?? {})) {
    const use = args.options.find((option) => option.name === name);
    if (use && !used(other)) tell('exclusive-options', line, use.word, `${name} also needs ${other}`);
  }
};

const oneOf = (group: readonly string[]): string =>
  `${group.length > 1 ? 'one of ' : ''}${group.map((name) => (name === 'ARGUMENT' ? 'an argument' : name)).join(', ')}`;
