/** The partition table of a rebuilt disk: the same partitions under identifiers of the image's own, with sfdisk(8). */
import { run } from '../../host/run.ts';
import type { Identity } from './identity.ts';

/** The dump of a table with other identifiers; `renamed` is told which. */
export const renewedTable = (dump: string, identity: Identity, renamed: (old: string, now: string) => void): string => {
  let nth = 0;
  let isDos = false;
  return dump
    .split('\n')
    .filter((line) => !/^(device|sector-size):/.test(line))
    .map((line) => {
      if (line === 'label: dos') isDos = true;
      const [, old] = /^label-id: (.*)$/.exec(line) ?? [];
      if (old !== undefined) {
        const now = isDos
          ? `0x${identity.number('disk').toString(16).padStart(8, '0')}`
          : identity.uuid('disk').toUpperCase();
        renamed(old.replace(/^0x/, ''), now.replace(/^0x/, ''));
        return `label-id: ${now}`;
      }
      const entry = /^\S+?(\d+) : (.*)$/.exec(line);
      if (entry === null) return line;
      nth = Number(entry[1]);
      const now = identity.uuid(`partition ${nth}`).toUpperCase();
      return `${nth} : ${(entry[2] ?? '').replace(/\buuid=([0-9A-F-]{36})/, (_, old: string) => {
        renamed(old, now);
        return `uuid=${now}`;
      })}`;
    })
    .join('\n');
};

export const readTable = async (image: string): Promise<string> => (await run('sfdisk', ['--dump', image])).stdout;

export const writeTable = async (image: string, table: string, signal?: AbortSignal): Promise<void> => {
  await run('sfdisk', ['--quiet', '--no-reread', '--no-tell-kernel', image], { input: table, signal });
};
