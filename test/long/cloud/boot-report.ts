/**
 * Answers of a machine that nobody can log in to, since it has no IPv4: a script of its user data, run in each boot, says them on
 * the hypervisor's port.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from '../../../src/machine/machine.ts';
import { INSTALLER_LOG } from '../../../src/machine/machine-evidence.ts';
import { LOG_PORT } from '../../../src/machine/spec.ts';

/** Where cloud-init looks for scripts of every boot. */
export const REPORT = '/var/lib/cloud/scripts/per-boot/report';
const END = 'end of report';
const LIMIT = 20 * 60_000;

export const reportScript = (questions: readonly string[]): string =>
  [
    '#!/bin/sh',
    // runcmd of a new instance runs after this.
    'sleep 20 && {',
    ...questions.map((question) => `echo "answer $({ ${question}; } 2>&1 | base64 -w0)"`),
    `echo ${END}`,
    `} > /dev/virtio-ports/${LOG_PORT} &`,
    '',
  ].join('\n');

export const reported = async (folder: string, machine: Machine): Promise<string[]> => {
  const deadline = performance.now() + LIMIT;
  while (performance.now() < deadline) {
    const log = await readFile(join(folder, INSTALLER_LOG), 'utf8').catch(() => '');
    if (log.includes(END))
      return [...log.matchAll(/^.*?answer ?(\S*)$/gm)].map(([, word = '']) =>
        Buffer.from(word, 'base64').toString().trim(),
      );
    await Promise.race([machine.ended, new Promise((resolve) => setTimeout(resolve, 1000))]);
  }
  throw new Error(`no report within ${LIMIT / 1000} s`);
};
