/** The NoCloud seed by which Packer comes in: its user, and no network to wait for. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { run } from '../../src/host/run.ts';

export const writeSeed = async (path: string, publicKey: string): Promise<void> => {
  const folder = `${path}.d`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const user = {
    name: 'admin-user',
    sudo: 'ALL=(ALL) NOPASSWD:ALL',
    shell: '/bin/bash',
    ssh_authorized_keys: [(await readFile(publicKey, 'utf8')).trim()],
  };
  await writeFile(`${folder}/user-data`, `#cloud-config\n${JSON.stringify({ users: [user] })}\n`);
  await writeFile(`${folder}/meta-data`, 'instance-id: bench\n');
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'CIDATA', '-J', '-r', '-o', path, folder]);
};
