/** Which units a boot has begun to start and has not come back to, by systemd's status lines on the console. */

/** `Starting foo.service - Does something...`, at most 80 columns wide: `Starting foo.servi…s something...`. */
const BEGUN = /^\s*Starting (?<unit>.+?)\.\.\.$/;
const ENDED =
  /^\[[ A-Z]+\] (?:Started|Finished|Skipped|Failed to start|Dependency failed for|Listening on|Stopped) (?<unit>.+?)\.?$/;
const BOOT = /\] Linux version \d/;

/** In the order in which they began. Source: systemd's src/core/job.c. */
export const pendingUnits = (console: readonly string[]): string[] => {
  const lines = console.slice(
    Math.max(
      0,
      console.findLastIndex((line) => BOOT.test(line)),
    ),
  );
  const pending: string[] = [];
  for (const line of lines) {
    const begun = BEGUN.exec(line)?.groups?.['unit'];
    if (begun !== undefined) pending.push(begun);
    const ended = ENDED.exec(line)?.groups?.['unit'];
    if (ended === undefined) continue;
    const at = pending.findIndex((unit) => isSame(unit, ended));
    if (at >= 0) pending.splice(at, 1);
  }
  return pending.map(nameOf);
};

/** What comes before the description, or before what was left out of the middle. */
const nameOf = (unit: string): string => (unit.split(/ - |…/, 1)[0] ?? unit).replace(/\.$/, '');

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [nameOf(one), nameOf(other)];
  return a.startsWith(b) || b.startsWith(a);
};
