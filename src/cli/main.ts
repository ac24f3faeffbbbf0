#!/usr/bin/env -S NODE_USE_ENV_PROXY=1 MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536 MALLOC_MMAP_THRESHOLD_=131072 node --max-semi-space-size=1
/** The command line. Verbs load what they need when they run, so that `--help` is quick; only this file exits. */
import { Command } from '@commander-js/extra-typings';
import { exitCodeOf } from '../errors.ts';
import { ingotVersion } from '../host/project.ts';
import { errorShape } from '../pipeline/events.ts';
import { describeError } from '../ui/error.ts';
import { print, say } from './print.ts';
import { AlreadyReported } from './reported.ts';
import { EXIT_STATUS, isVerb, VERBS, verb } from './verb.ts';
import { COMMANDS } from './verbs.ts';

const program = new Command('ingot')
  .description('Golden images and install media from one recipe.')
  .version(ingotVersion())
  .showHelpAfterError('(ingot --help lists the verbs)')
  .addHelpText(
    'after',
    `
Examples:
  ingot init my-image.yaml           write a commented recipe
  ingot build my-image.yaml          install, configure, seal, capture: out/my-image/
  ingot media my-image.yaml -o x.iso the install medium for bare metal
  ingot boot out/my-image/my-image.qcow2   start what was built, on a throw-away overlay

Exit status: ${EXIT_STATUS}.`,
  );

/** The wrong word is shown, and it may be a file's name. */
const OUTPUT = { writeOut: print, writeErr: (text: string) => say(text.replace(/\n$/, '')) };

/** Only the verb that runs is loaded with its options. */
const asked = process.argv[2] === 'help' ? process.argv[3] : process.argv[2];
for (const name of Object.keys(VERBS).filter(isVerb))
  program.addCommand(name === asked ? await COMMANDS[name]() : verb(name));
for (const command of [...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
  command.exitOverride().showHelpAfterError().configureOutput(OUTPUT);
program.exitOverride().configureOutput(OUTPUT);

const isCommanderExit = (error: unknown): error is Error & { exitCode: number } =>
  error instanceof Error &&
  'exitCode' in error &&
  typeof error.exitCode === 'number' &&
  error.name === 'CommanderError';

const report = (thrown: unknown): number => {
  if (thrown instanceof AlreadyReported) return exitCodeOf(thrown.reason);
  if (isCommanderExit(thrown)) return thrown.exitCode === 0 ? 0 : 2;
  say(describeError(errorShape(thrown)));
  return exitCodeOf(thrown);
};

/** A slow reader gets everything; a reader that has gone ends this process. */
const exit = async (code: number): Promise<never> => {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  process.exit(code);
};
// Nobody reads any more (`| head`): what runs is ended as after a signal.
process.stdout.on('error', () => {
  if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit(130);
});

try {
  await program.parseAsync();
  await exit(Number(process.exitCode ?? 0));
} catch (error) {
  await exit(report(error));
}
