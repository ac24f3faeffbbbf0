/**
 * Units of a boot by systemd's status lines on the console: those whose start has begun but not ended, and
 * those that failed. Source: systemd's src/core/job.c.
 */

/** `Starting foo.service - Does something...`, at most 80 columns wide: `Starting foo.servi…s something...`. */
const BEGUN = /^\s*Starting (?<unit>.+?)\.\.\.$/;
const ENDED =
  /^\[[ A-Z]+\] (?:Started|Finished|Skipped|Failed to start|Dependency failed for|Listening on|Stopped) (?<unit>.+?)\.?$/;
const BOOT = /\] Linux version \d/;

/** The last boot's lines. */
const lastBoot = (console: readonly string[]): readonly string[] =>
  console.slice(
    Math.max(
      0,
      console.findLastIndex((line) => BOOT.test(line)),
    ),
  );

/**
 * Units of every system that nothing is ordered after. Once a login prompt has the console, systemd's later lines do not
 * come: when the prompt comes early on a busy host, these units only seem to wait, and they never keep sshd from starting.
 */
const HOLDS_NOTHING = /^(?:e2scrub_reap|systemd-logind|systemd-update-utmp-runlevel|systemd-update-ut$|cron|getty@)/;

/** Units that something may wait for, in the order in which they began. */
export const pendingUnits = (console: readonly string[]): string[] => {
  const pending: string[] = [];
  for (const line of lastBoot(console)) {
    const begun = BEGUN.exec(line)?.groups?.['unit'];
    if (begun !== undefined) pending.push(begun);
    const ended = ENDED.exec(line)?.groups?.['unit'];
    if (ended === undefined) continue;
    const at = pending.findIndex((unit) => isSame(unit, ended));
    if (at >= 0) pending.splice(at, 1);
  }
  return pending.map(nameOf).filter((name) => !HOLDS_NOTHING.test(name));
};

const FAILED = /^\[(?:FAILED|DEPEND)\] (?:Failed to (?:start|mount|activate)|Dependency failed for) (?<unit>.+?)\.?$/;

/** In the order in which they failed. What systemd shortened so that a name has no end is left out. */
export const failedUnits = (console: readonly string[]): string[] => {
  const failed = lastBoot(console).flatMap((line) => FAILED.exec(line)?.groups?.['unit'] ?? []);
  return [...new Set(failed.map(nameOf))].filter((name) => /\.[a-z]+$/.test(name));
};

/** What comes before the description, or before what was left out of the middle. */
const nameOf = (unit: string): string => (unit.split(/ - |…/, 1)[0] ?? unit).replace(/\.$/, '');

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [nameOf(one), nameOf(other)];
  return a.startsWith(b) || b.startsWith(a);
};
