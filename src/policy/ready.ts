/** The policies that come with Ingot: files of policies/, by name. */
import { join } from 'node:path';
import { projectFolder } from '../host/project.ts';

export const READY = {
  baseline:
    'What every golden image should keep: nobody gets in by accident, clones share no secrets, nothing is left over.',
  'server-hardened':
    'Beyond the baseline, in the direction of usual hardening guides: sshd, kernel settings, services.',
  'air-gapped': 'For networks without a way out: no source, service or program that needs the Internet.',
} as const;

export type ReadyPolicy = keyof typeof READY;

export const isReady = (name: string): name is ReadyPolicy => Object.hasOwn(READY, name);

export const readyPath = (name: ReadyPolicy): string => join(projectFolder, 'policies', `${name}.yaml`);
