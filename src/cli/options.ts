/** Options that several verbs share. */
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';

const keyValue = (text: string, known: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write it as name=value.');
  return { ...known, [text.slice(0, at)]: text.slice(at + 1) };
};

export const withVariables = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command.option('--var <name=value>', 'set a recipe variable (repeatable)', keyValue, {});

export const withHost = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command.option('--host <name>', 'only for this host of the recipe');

export const withStore = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command.option('--store <folder>', 'where stage results are kept (default: ~/.cache/ingot)');

export const withScreen = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command
    .option('--json', 'print events as JSON, one a line', false)
    .option('--plain', 'print plain lines, also on a terminal', false);

export const withFreshness = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command
    .option('--no-cache', 'run every stage again')
    .option(
      '--refresh',
      'look again at the mirror, the repositories of media.packages, and the sums of an origin',
      false,
    )
    .option('--allow-older', 'take signed indexes that are older than those seen before, as of a snapshot', false);

export const withFeeds = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command.option('--feeds <folder>', 'feeds of vulnerabilities, as `ingot vulns fetch` writes them');

export const withIndexes = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command
    .option('--no-updates', "do not ask the mirror for the vendor's newer packages")
    .option('--mirror <url>', "Debian mirror (default: the one of this host's apt)")
    .option('--security-mirror <url>', 'mirror of the security suite')
    .option('--keyring <file>', 'keys that sign the archive');

/** What the files of an image are held against. */
export const withEvidence = <A extends unknown[], O extends Record<string, unknown>>(command: Command<A, O>) =>
  command
    .option(
      '--packages <folder|iso>',
      'packages and indexes of the archive, or the ISO of the build, which the files of the image are held against',
    )
    .option(
      '--keyring <file>',
      'keys that have to have signed these indexes (default: those of Debian), or the rpm packages of the image',
    );
