/** What every check gets to see. */
import type { Arguments } from '../command-arguments.ts';
import type { Tell } from '../findings.ts';
import type { Command, Document, Line } from '../kickstart-document.ts';
import type { KickstartRelease } from '../release.ts';
import type { CommandFacts } from '../table.ts';

/** A command that the release has, with its words understood. */
export interface ParsedCommand {
  readonly command: Command;
  readonly line: Line;
  readonly name: string;
  readonly facts: CommandFacts;
  readonly args: Arguments;
}

export interface CheckContext {
  readonly release: KickstartRelease;
  readonly document: Document;
  readonly commands: readonly ParsedCommand[];
  readonly tell: Tell;
}

/** Those of these names; `part` and `partition` are one command. */
export const commandsNamed = (
  { commands }: Pick<CheckContext, 'commands'>,
  ...names: readonly string[]
): ParsedCommand[] => commands.filter(({ name }) => names.includes(name));
