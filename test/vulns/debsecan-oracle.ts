/** What debsecan(1) finds for a status file and a feed of ours: `CVE package` for each. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/host/run.ts';
import type { Installed } from '../../src/vulns/inventory.ts';

export const statusText = (packages: readonly Installed[]): string =>
  packages
    .map(({ name, version, source, sourceVersion }) => {
      const from =
        sourceVersion === version
          ? source === name
            ? ''
            : `Source: ${source}\n`
          : `Source: ${source} (${sourceVersion})\n`;
      return `Package: ${name}\nStatus: install ok installed\nPriority: optional\nSection: x\nMaintainer: x\nArchitecture: amd64\n${from}Version: ${version}\nDescription: x\n`;
    })
    .join('\n');

export const debsecanFinds = async (
  folder: string,
  feed: Buffer,
  packages: readonly Installed[],
): Promise<string[]> => {
  await mkdir(join(folder, 'feed'), { recursive: true });
  await writeFile(join(folder, 'feed', 'bookworm'), feed);
  await writeFile(join(folder, 'status'), statusText(packages));
  const source = `file://${join(folder, 'feed')}/`;
  const { stdout } = await run('/usr/bin/python3', [
    '/usr/bin/debsecan',
    '--source',
    source,
    '--suite',
    'bookworm',
    '--status',
    join(folder, 'status'),
    '--history',
    join(folder, 'history'),
  ]);
  return stdout
    .split('\n')
    .flatMap((line) => /^(CVE-\S+) (\S+)/.exec(line)?.slice(1, 3).join(' ') ?? [])
    .sort();
};
