/**
 * The unattended entry of a GRUB menu: the model's own commands (`search`, `insmod`, `loopback`, conditions);
 * only those that name kernel and initrd are changed. So the new entry finds its files in the same way.
 */

import { ENTRY_ID } from './entry.ts';
import { allCommands, type GrubCommand, type GrubEntry, INITRD, LINUX } from './grub.ts';
import { rawWords } from './grub-edit.ts';
import { grubQuote } from './grub-lexer.ts';
import { unattendedArguments } from './menu-arguments.ts';
import type { Unattended } from './unattended.ts';

/** `text` is the menu in which the model stands. */
export const unattendedGrubEntry = (text: string, { command }: GrubEntry, spec: Unattended): string => {
  const [begin = 0, end = 0] = command.body ?? [];
  let body = text.slice(begin, end);
  for (const one of allCommands(command.block ?? []).toReversed()) {
    const words = LINUX.test(one.name)
      ? linuxWords(one, spec)
      : INITRD.test(one.name)
        ? initrdWords(one, spec)
        : undefined;
    const [first, last] = [one.words[0], one.words.at(-1)];
    if (words === undefined || first === undefined || last === undefined) continue;
    const before = body.slice(0, first.start - begin);
    body = `${before.replace(/(?<=^|\n)[ \t]*$/, '\t')}${words.join(' ')}${body.slice(last.end - begin)}`;
  }
  const head = ['menuentry', grubQuote(spec.title), '--id', grubQuote(ENTRY_ID), ...allowed(command), '{'];
  return `${head.join(' ')}${/^[ \t]*\n/.test(body) ? '' : '\n'}${body.trimEnd()}\n}\n`;
};

const linuxWords = ({ words }: GrubCommand, spec: Unattended): string[] => {
  const [name, kernel, ...old] = words;
  const raw = rawWords(old);
  const after = unattendedArguments(
    old.map(({ value }) => value),
    spec.arguments,
  );
  return [name?.raw ?? '', kernel?.raw ?? '', ...after.map((word) => raw.get(word) ?? grubQuote(word))];
};

/** On the device of the initrd before it, which need not be the kernel's. */
const initrdWords = ({ words }: GrubCommand, spec: Unattended): string[] => {
  const [device = ''] = /^(\([^)]*\))?/.exec(words.at(-1)?.value ?? '') ?? [];
  return [...words.map(({ raw }) => raw), ...spec.initrds.map((path) => `${device}${path}`)];
};

/** Who may start it: when the menu has superusers, an entry without these words asks for a password. */
const allowed = ({ words }: GrubCommand): string[] =>
  words.flatMap(({ value, raw }, index) => {
    if (value === '--unrestricted' || value.startsWith('--users=')) return [raw];
    return value === '--users' ? [raw, words[index + 1]?.raw ?? "''"] : [];
  });
