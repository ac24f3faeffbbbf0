/** The terminal side of `ingot shell`: which machine of the run, a key for it, its console. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBuildKeys } from '../../access/key.ts';
import { IngotError } from '../../errors.ts';
import { temporaryFolder } from '../../host/files.ts';
import { readKept, startKept } from '../../machine/kept-machine.ts';
import type { MachineSpec } from '../../machine/spec.ts';
import type { Run } from '../../pipeline/runs.ts';
import { silentReporter } from '../../report.ts';
import { hostAccelerator } from '../accelerator.ts';
import { untilEnded } from '../boot-terminal.ts';
import { say } from '../print.ts';
import { interruptible } from '../signals.ts';
import { sshCommand } from './ssh-command.ts';

interface ShellOptions {
  readonly store: string;
  readonly write: boolean;
}

/** Throws `usage.no-kept-machine` when the run has left no disk. */
export const shellOnTerminal = async (run: Run, { store, write }: ShellOptions): Promise<void> => {
  using interruption = interruptible();
  const { signal } = interruption;
  const { stage, spec } = await keptMachine(run);
  const reporter = { ...silentReporter, note: say };
  const { accelerator, factor } = await hostAccelerator({ store, reporter, signal });
  // The evidence in the run folder stays as it is; the key lives as long as this folder.
  await using folder = await temporaryFolder('ingot-shell-');
  const keys = createBuildKeys();
  const identity = join(folder.path, 'key');
  await writeFile(identity, keys.login.privateKey, { mode: 0o600 });
  await using machine = await startKept(
    spec,
    { accelerator, keys, write },
    { folder: join(folder.path, 'machine'), reporter, signal },
  );
  say(`The machine of ${stage} in ${run.name}, ${write ? 'writing into its kept disk' : 'on a throw-away overlay'}.`);
  for (const door of machine.doors.slice(-1)) say(`SSH: ${sshCommand(identity, door)}`);
  await untilEnded(machine, factor, say);
};

/** A finished stage has given its disk to the store, so only the failed one can still have it. */
const keptMachine = async (run: Run): Promise<{ readonly stage: string; readonly spec: MachineSpec }> => {
  for (const item of await readdir(run.folder, { withFileTypes: true })) {
    const spec = item.isDirectory() ? await readKept(join(run.folder, item.name)) : undefined;
    if (spec) return { stage: item.name, spec };
  }
  throw new IngotError('usage.no-kept-machine', 'this run left no machine that can be started', {
    where: run.folder,
    hint: 'Only a run that failed in install or configure keeps its disk; `ingot show` tells how a run ended, `ingot boot` starts an image.',
  });
};
