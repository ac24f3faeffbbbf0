/**
 * Who uses a disk besides what lsblk shows: loop devices over it, and processes that have it open without asking
 * for exclusive use, as a virtual machine does.
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ifThere } from '../../host/if-there.ts';

/** Loop devices over one of the devices, or over such a loop device. */
export const loopsOver = async (paths: readonly string[]): Promise<string[]> => {
  const backing = new Map<string, string>();
  for (const name of ((await ifThere(readdir('/sys/block'))) ?? []).filter((one) => one.startsWith('loop'))) {
    // One that is released meanwhile lies over nothing.
    const file = await readFile(join('/sys/block', name, 'loop', 'backing_file'), 'utf8').catch(() => undefined);
    if (file !== undefined) backing.set(`/dev/${name}`, await realpath(file.trim()).catch(() => file.trim()));
  }
  const found: string[] = [];
  let below = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  while (below.length > 0) {
    // Its partitions are named after it.
    const isBelow = (file: string) => below.some((path) => file === path || file.startsWith(`${path}p`));
    const next = [...backing].filter(([loop, file]) => isBelow(file) && !found.includes(loop)).map(([loop]) => loop);
    found.push(...next);
    below = next;
  }
  return found;
};

/** udev looks at a disk for a moment whenever something about it changes. Milliseconds. */
const MOMENT = 500;

/** Other processes that have one of the devices open for more than a moment: `qemu-system-x86 (process 123)`. */
export const openersOf = async (paths: readonly string[]): Promise<string[]> => {
  const first = await openers(paths);
  if (first.size === 0) return [];
  await delay(MOMENT);
  const still = await openers(paths);
  return [...still].filter(([pid]) => first.has(pid)).map(([pid, name]) => `${name} (process ${pid})`);
};

const openers = async (paths: readonly string[]): Promise<Map<string, string>> => {
  const devices = new Set((await Promise.all(paths.map((path) => stat(path)))).map(({ rdev }) => rdev));
  const found = new Map<string, string>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
    // Those of other users are seen by root alone, and only root writes disks.
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const info = await stat(`/proc/${pid}/fd/${file}`).catch(() => undefined);
      if (info?.isBlockDevice() !== true || !devices.has(info.rdev)) continue;
      found.set(pid, (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?')).trim());
      break;
    }
  }
  return found;
};
