/** `ingot build --on-failure`: what happens to the machine that fails, and to its disk. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../errors.ts';
import { temporaryFolder } from '../host/files.ts';
import { errorShape } from '../pipeline/events.ts';
import type { OnStopped } from '../pipeline/stage.ts';
import { describeError } from '../ui/error.ts';
import { untilEnded } from './boot-terminal.ts';
import type { ON_FAILURE } from './on-failure-choices.ts';
import { say } from './print.ts';
import { sshCommand } from './run/ssh-command.ts';

/** keep: the disk stays for `ingot shell`. shell: the machine itself, before it is ended. destroy: logs stay only. */
export type OnFailure = (typeof ON_FAILURE)[number];

/** Throws `usage.no-terminal` and `usage.one-build`, before anything has begun. */
export const requireShell = (builds: number, { json }: { readonly json: boolean }): void => {
  if (json || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new IngotError('usage.no-terminal', '--on-failure shell needs a terminal to put the console on', {
      hint: 'Without one use --on-failure keep, and `ingot shell` afterwards.',
    });
  }
  if (builds > 1) {
    throw new IngotError('usage.one-build', `--on-failure shell is for one build, not for ${builds}`, {
      hint: 'Build the recipes one after the other, or use --on-failure keep, and `ingot shell` afterwards.',
    });
  }
};

/** The console on the terminal, until the machine has ended; the build then ends with the error that it had. */
export const shellOnStopped: OnStopped = async ({ machine, error, factor, privateKey }) => {
  const hasEnded = await Promise.race([machine.ended.then(() => true), Promise.resolve(false)]);
  if (hasEnded) return say('The machine has ended already; `ingot shell` starts it again.');
  say(`${describeError(errorShape(error))}\n\nThe machine still runs.`);
  await using folder = await temporaryFolder('ingot-shell-');
  const door = machine.doors.at(-1);
  if (privateKey !== undefined && door !== undefined) {
    const identity = join(folder.path, 'key');
    await writeFile(identity, privateKey, { mode: 0o600 });
    say(`SSH: ${sshCommand(identity, door)}`);
  }
  // How the machine ends now is not what stopped the build.
  await untilEnded(machine, factor, say).catch(() => undefined);
};

/** Only the failed stage has something unfinished. */
export const destroyUnfinished = async (runFolder: string): Promise<void> => {
  for (const item of await readdir(runFolder, { withFileTypes: true }))
    if (item.isDirectory()) await rm(join(runFolder, item.name, 'unfinished'), { recursive: true, force: true });
};
