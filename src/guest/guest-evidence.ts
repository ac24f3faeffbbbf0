/**
 * What a guest tells of itself while it can be reached: which units failed and where its boot's time went, and after a
 * failure its logs and its debconf database. Text files, secrets taken out.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError, messageOf } from '../errors.ts';
import { writeFileWhole } from '../host/files.ts';
import type { Reporter } from '../report.ts';
import type { Session } from './session.ts';

/** Below the folder of the machine run. */
export const EVIDENCE_FOLDER = 'guest';

const UNITS = `LC_ALL=C; export LC_ALL SYSTEMD_COLORS=0 SYSTEMD_PAGER=
systemctl list-units --failed --plain --no-legend --full
echo '== boot'
systemd-analyze time
systemd-analyze blame | head -n 25
`;

/** The last 256 KiB of each text file: what is compressed is of an earlier day, the journal has a file of its own. */
const VAR_LOG = `find /var/log -type f ! -path '*/journal/*' ! -name '*.gz' ! -name '*.xz' ! -name 'wtmp*' \\
  ! -name 'btmp*' ! -name 'lastlog' -size +0 -exec tail -v -c 262144 {} +`;

const FAILED_UNITS = `LC_ALL=C; export LC_ALL SYSTEMD_COLORS=0 SYSTEMD_PAGER=
systemctl list-jobs
systemctl list-units --failed --plain --no-legend --full | while read -r unit rest; do
  systemctl status --no-pager --full --lines=30 "$unit"
done`;

/** Passwords have a database of their own (passwords.dat), which is left alone. */
const FILES: readonly (readonly [name: string, command: string])[] = [
  ['units.txt', `${UNITS}\n${FAILED_UNITS}`],
  ['journal.txt', 'journalctl --boot --no-pager --output=short-precise --lines=5000'],
  ['var-log.txt', VAR_LOG],
  ['debconf.txt', 'cat /var/cache/debconf/config.dat'],
];

/** Milliseconds on KVM, for each file. */
const LIMIT = 10_000;

interface GuestContext {
  /** Folder of the machine run. */
  readonly folder: string;
  readonly reporter: Reporter;
  /** `Accelerator.factor`. */
  readonly factor: number;
}

/** Never throws: the failure that it is called for is the one to report. When the guest goes away, what was read stays. */
export const saveGuestEvidence = async (session: Session, { folder, reporter, factor }: GuestContext) => {
  for (const [name, command] of FILES) {
    try {
      const { stdout, stderr } = await session.exec(command, { timeout: LIMIT * factor });
      await save(session, folder, name, stdout + stderr);
    } catch (error) {
      reporter.line(`no ${name} of the guest: ${messageOf(error)}`);
      if (!(error instanceof IngotError && error.code === 'guest.command-timeout')) return;
    }
  }
};

const save = async (session: Session, folder: string, name: string, text: string): Promise<void> => {
  if (text === '') return;
  await mkdir(join(folder, EVIDENCE_FOLDER), { recursive: true });
  await writeFileWhole(join(folder, EVIDENCE_FOLDER, name), session.redact(text));
};

export interface BootState {
  /** Names of units, `apache2.service`. */
  readonly failed: readonly string[];
  /** What `systemd-analyze time` says; absent while the boot has not finished. */
  readonly time?: string;
  /** The units that took longest, `9.2s dev-vda1.device`, longest first. */
  readonly longest: readonly string[];
}

/**
 * Keeps units.txt, and reports which units have failed: hardly anybody wants an image with one. Never throws: a guest that
 * cannot tell is no failure, and one that is gone fails what comes next.
 */
export const tellBoot = async (session: Session, { folder, reporter, factor }: GuestContext): Promise<void> => {
  const told = await session.exec(UNITS, { timeout: LIMIT * factor }).catch((error: unknown) => {
    reporter.line(`no units.txt of the guest: ${messageOf(error)}`);
  });
  if (!told) return;
  const { stdout } = told;
  await save(session, folder, 'units.txt', stdout);
  const { failed, time, longest } = parseUnits(stdout);
  if (failed.length > 0) reporter.note(`failed in the guest: ${failed.join(', ')} (${EVIDENCE_FOLDER}/units.txt)`);
  if (time !== undefined) reporter.line(`boot: ${time}; longest: ${longest.slice(0, 3).join(', ')}`);
};

export const parseUnits = (text: string): BootState => {
  const [units = '', boot = ''] = text.split('== boot\n');
  const lines = boot.split('\n').map((line) => line.trim());
  const time = /^Startup finished in (.+?) *$/m.exec(boot)?.[1];
  return {
    failed: units.split('\n').flatMap((line) => line.trim().split(/\s/, 1)[0] || []),
    ...(time === undefined ? {} : { time }),
    longest: lines.filter((line) => /^(?:\d+min )?\d+(?:\.\d+)?m?s \S+$/.test(line)),
  };
};
