/**
 * What an installer that has stopped tells when it is asked over the log port (installer/README.md): its debconf
 * database, partman's log, what it sees of disks and network. Text files, secrets taken out.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '../../host/files.ts';
import type { Machine } from '../machine.ts';

/** Below the folder of the machine run. */
export const INSTALLER_FOLDER = 'installer';

/** Milliseconds on KVM without a further line: an installer that is alive answers at once. And for all of it. */
const [SILENCE, LIMIT] = [2000, 60_000];
/** Characters of all files: no installer has more to tell. */
const MOST = 32 * 2 ** 20;

const LINE = /^ingot-evidence (?:end$|(?<name>[\w.-]+\.txt) ?(?<text>.*)$)/;

interface EvidenceOptions {
  readonly redact: (text: string) => string;
  /** `Accelerator.factor`. */
  readonly factor: number;
}

/** Leaves what came until the installer is through, falls silent, or the machine ends. Without a log port, nothing. */
export const saveInstallerEvidence = async (
  machine: Pick<Machine, 'log' | 'ended' | 'folder'>,
  { redact, factor }: EvidenceOptions,
): Promise<void> => {
  if (machine.log.last(1).length === 0) return;
  const files = new Map<string, string[]>();
  const through = Promise.withResolvers<void>();
  const timer = setTimeout(through.resolve, SILENCE * factor);
  const end = setTimeout(through.resolve, LIMIT * factor);
  let taken = 0;
  const release = machine.log.subscribe((line) => {
    const groups = LINE.exec(line)?.groups;
    if (!groups) return;
    timer.refresh();
    const { name, text = '' } = groups;
    taken += line.length;
    if (name === undefined || taken > MOST) return through.resolve();
    const lines = files.get(name);
    if (lines) lines.push(text);
    else files.set(name, [text]);
  });
  machine.log.send('evidence');
  await Promise.race([through.promise, machine.ended]);
  clearTimeout(timer);
  clearTimeout(end);
  release();
  if (files.size > 0) await mkdir(join(machine.folder, INSTALLER_FOLDER), { recursive: true });
  for (const [name, lines] of files)
    await writeFileWhole(join(machine.folder, INSTALLER_FOLDER, name), redact(`${lines.join('\n')}\n`));
};
