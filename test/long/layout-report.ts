/** The table of layouts that were installed and started: a run of some leaves the rows of the others. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../e2e/support.ts';

const REPORT = join(root, 'docs', 'layouts.md');

export interface InstalledLayout {
  readonly layout: string;
  readonly firmware: string;
  /** answers.disk */
  readonly disk: string;
  /** From the medium's menu to power-off. */
  readonly minutes: number;
}

const HEAD = `# Layouts that were installed

Debian 13's own installer installed these from a delivered medium's own menu, unattended to power-off, in QEMU with emulation. Then the
machine was started from its disks alone (encrypted: with the passphrase at its console; mirrored: from both disks and from
each alone) and checked: no failed unit, root where it belongs and writable, an EFI system partition on each disk (with \`automatic\` by UEFI
only: by BIOS the installer makes a BIOS boot partition instead), an fstab without the installer's drives, packages whole. A row is written by \`test/long/layouts.test.ts\` when all of it holds.

| layout | firmware | \`answers.disk\` | minutes | date |
|---|---|---|---|---|
`;

export const recordLayout = async ({ layout, firmware, disk, minutes }: InstalledLayout): Promise<void> => {
  const text = await readFile(REPORT, 'utf8').catch(() => '');
  const start = `| ${layout} | ${firmware} |`;
  const others = text
    .split('\n')
    .filter((line) => /^\| [a-z-]+ \| (bios|uefi) \|/.test(line) && !line.startsWith(start));
  const row = `${start} \`${disk}\` | ${minutes.toFixed(1)} | ${new Date().toISOString().slice(0, 10)} |`;
  await writeFile(REPORT, `${HEAD}${[...others, row].sort().join('\n')}\n`);
};
