/** Partitions that other things are made of: physical volumes, members of arrays and of Btrfs volumes. */
import { own } from '../../../own.ts';
import { shown } from '../findings.ts';
import type { Word } from '../words.ts';
import type { CheckContext, ParsedCommand } from './check-context.ts';

export interface Defined {
  readonly command: ParsedCommand;
  readonly word: Word;
}

export const isMember = (text: string): boolean => /^(pv|raid|btrfs)\../.test(text);

/** What may be there before the installation. */
const ON_DISK = /^(\/dev\/|LABEL=|UUID=|(sd|vd|hd|xvd)[a-z]+\d*$|nvme|mmcblk|md|dm-|mapper)/;

/** What each is made of. */
const KINDS: Readonly<Record<string, string>> = {
  'a volume group': 'pv.',
  'an array': 'raid.',
  'a Btrfs volume': 'btrfs.',
};

/** Takes the partition for something, once. */
export const use = (
  word: Word,
  { line }: ParsedCommand,
  { document, tell }: CheckContext,
  members: ReadonlyMap<string, Defined>,
  used: Set<string>,
  by: string,
): void => {
  if (used.has(word.text)) tell('duplicate-name', line, word, `${shown(word.text)} is already part of something else`);
  used.add(word.text);
  const kind = own(KINDS, by) ?? '';
  if (members.has(word.text) && !word.text.startsWith(kind))
    tell('undefined-reference', line, word, `${by} is made of ${kind}N, not of ${shown(word.text)}`);
  if (!members.has(word.text) && !document.open && !ON_DISK.test(word.text))
    tell('undefined-reference', line, word, `no part or raid defines ${shown(word.text)} for ${by}`);
};
