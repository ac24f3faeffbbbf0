/** Writes faults into the root file system of a raw image, with debugfs: nothing is mounted. */
import { writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { openGuestFiles } from '../../../src/capture/guest-files.ts';
import { temporaryFolder } from '../../../src/host/files.ts';
import { run } from '../../../src/host/run.ts';
import type { Plant } from './faults.ts';

export const plantInto = async (image: string, plants: readonly Plant[]): Promise<void> => {
  const files = await openGuestFiles(image);
  const root = files.mounts.find(({ path }) => path === '/');
  if (root === undefined) throw new Error(`${image} has no root`);
  const device = `${image}?offset=${root.partition.start}`;
  await using folder = await temporaryFolder('ingot-plant-');
  const requests: string[] = [];
  const made = new Set<string>();
  const requireFolder = async (path: string): Promise<void> => {
    if (path === '/' || made.has(path) || (await files.find(path)) !== undefined) return;
    await requireFolder(posix.dirname(path));
    made.add(path);
    requests.push(`mkdir ${path}`);
  };
  const write = async (path: string, text: string, mode: string): Promise<void> => {
    const source = join(folder.path, String(requests.length));
    await writeFile(source, text);
    await requireFolder(posix.dirname(path));
    const name = posix.basename(path);
    requests.push(`cd ${posix.dirname(path)}`, `rm ${name}`, `write ${source} ${name}`, `sif ${name} mode ${mode}`);
    requests.push(`sif ${name} uid 0`, `sif ${name} gid 0`);
  };
  for (const plant of plants) {
    if ('write' in plant) await write(plant.write, plant.text, plant.mode ?? '0100644');
    else if ('link' in plant) {
      await requireFolder(posix.dirname(plant.link));
      requests.push(`cd ${posix.dirname(plant.link)}`, `rm ${posix.basename(plant.link)}`);
      requests.push(`symlink ${posix.basename(plant.link)} ${plant.to}`);
    } else if ('remove' in plant) requests.push(`rm ${plant.remove}`);
    else if ('of' in plant) requests.push(`sif ${plant.of} mode ${plant.mode}`);
    else {
      const before = await files.text(plant.edit);
      const after = before?.replace(plant.from, plant.to);
      if (after === undefined || after === before) throw new Error(`${plant.edit} has nothing to change`);
      const group = (await files.find(plant.edit))?.entry.gid ?? 0;
      await write(plant.edit, after, plant.edit === '/etc/shadow' ? '0100640' : '0100644');
      requests.push(`sif ${posix.basename(plant.edit)} gid ${group}`);
    }
  }
  const list = join(folder.path, 'requests');
  await writeFile(list, requests.map((request) => `${request}\n`).join(''));
  await run('debugfs', ['-w', '-f', list, device], {});
};
