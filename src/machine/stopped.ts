/** A QEMU that somebody has stopped (SIGSTOP, a debugger): its guest looks like one that has lost its network. */
import { readFile } from 'node:fs/promises';
import { IngotError } from '../errors.ts';
import type { Machine } from './machine.ts';

/** The error that says so; undefined for one that runs. */
export const qemuStopped = async ({ pid, name }: Pick<Machine, 'pid' | 'name'>): Promise<IngotError | undefined> => {
  // A process that has gone is not stopped.
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // proc(5): the state stands after the name, which may have anything in it but ends with the last parenthesis.
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  if (state !== 'T' && state !== 't') return undefined;
  return new IngotError('machine.qemu-stopped', 'QEMU was stopped from outside, and its guest with it', {
    where: name,
    detail: `process ${pid} is in the state ${state}`,
    hint: 'Somebody has sent it SIGSTOP, or traces it. The next build is not affected unless that happens again.',
  });
};
