/** Options of what is mounted at boot: fstab(5), and mount units of systemd that are enabled or an administrator's own. */
import { parseFstab } from '../../capture/fstab.ts';
import type { Subject } from '../../inspect/subject.ts';

export const mountOptions = async (files: Subject['files']): Promise<ReadonlyMap<string, readonly string[]>> => {
  const found = new Map<string, readonly string[]>();
  for (const { name } of await files.list('/etc/systemd/system')) {
    if (!name.endsWith('.mount')) continue;
    const text = (await files.text(`/etc/systemd/system/${name}`)) ?? '';
    const where = /^Where=(.+)$/m.exec(text)?.[1]?.trim();
    if (where !== undefined) found.set(where, (/^Options=(.+)$/m.exec(text)?.[1] ?? '').trim().split(','));
  }
  for (const { path, options } of parseFstab((await files.text('/etc/fstab')) ?? '')) found.set(path, options);
  return found;
};
