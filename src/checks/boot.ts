/** What is judged of every boot, whatever the recipe checks: its end, how long it took, failed units, the journal, a larger disk. */
import type { BootTests } from '../recipe/schema/tests-schema.ts';
import type { Facts, JournalLine } from './facts.ts';
import { mebibytes } from './kinds/kernel.ts';
import { fails, holds, type NamedOutcome, type Outcome, unjudged } from './planned.ts';
import { givenUp, textsFit } from './text-fits.ts';

export interface BootContext {
  /** Limits are multiplied by it. */
  readonly factor: number;
  /** Names of units that the tests themselves have put there. */
  readonly ours: readonly string[];
  /** Bytes of the disk, where it is larger than the image. */
  readonly disk: number | undefined;
  /** Said after the name: ` after a restart`. */
  readonly suffix?: string;
}

export type BootOutcome = NamedOutcome & { readonly rule: string };

export const bootOutcomes = (tests: BootTests, facts: Facts, context: BootContext): BootOutcome[] => {
  const { suffix = '', disk } = context;
  const all: readonly (readonly [rule: string, name: string, outcome: Outcome | undefined])[] = [
    ['tests/boot', 'boot', judgeState(facts, context)],
    ['tests/failed-units', 'failed units', judgeFailed(tests, facts, context)],
    ['tests/boot-time', 'boot time', tests.within === undefined ? undefined : judgeTime(tests.within, facts, context)],
    ...journalOutcomes(tests, facts),
    ['tests/growth', 'root grows', disk === undefined ? undefined : judgeGrowth(disk, facts)],
  ];
  return all.flatMap(([rule, name, outcome]) =>
    outcome === undefined ? [] : [{ rule, name: `${name}${suffix}`, ...outcome }],
  );
};

/** Units that fail are judged by themselves; here counts that the boot has come to its end. */
const judgeState = ({ state, jobs }: Facts, { ours }: BootContext): Outcome => {
  if (state === 'running' || state === 'degraded') return holds('it came to its end');
  const waiting = jobs.filter((unit) => !ours.includes(unit));
  if (state === '') return unjudged('the guest has no systemd that would tell');
  return fails(
    `it has not come to its end: ${state}${waiting.length === 0 ? '' : `, waits for ${waiting.join(', ')}`}`,
    {
      wanted: 'running',
      found: state,
      where: waiting[0],
      hint: 'A unit waits for what is not there.',
    },
  );
};

const judgeFailed = ({ state, failedUnits }: BootTests, { failed }: Facts, { ours }: BootContext): Outcome => {
  const allowed = failedUnits.map((name) => (/\.\w+$/.test(name) ? name : `${name}.service`));
  const wrong = failed.filter(
    ({ unit }) => !ours.includes(unit) && !(state === 'degraded' && allowed.length === 0) && !allowed.includes(unit),
  );
  if (wrong.length === 0)
    return holds(failed.length === 0 ? 'none' : `only what may: ${failed.map(({ unit }) => unit).join(', ')}`);
  const names = wrong.map(({ unit }) => unit).join(', ');
  const logs = wrong.map(({ unit, lines }) => `${unit}: ${lines.join(' | ')}`);
  return fails(`${names} failed`, { wanted: 'none', found: logs.join('\n'), where: wrong[0]?.unit });
};

const judgeTime = (within: number, { bootTime, longest }: Facts, { factor }: BootContext): Outcome => {
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
  const limit = within * factor;
  const told = `${seconds(limit)}${factor === 1 ? '' : ` (${seconds(within)} with KVM)`}`;
  if (bootTime === undefined)
    return fails(`the boot has no end; the limit is ${told}`, { wanted: told, found: 'no end' });
  if (bootTime <= limit) return holds(`${seconds(bootTime)}, the limit is ${told}`);
  return fails(`it took ${seconds(bootTime)}, the limit is ${told}`, {
    wanted: told,
    found: seconds(bootTime),
    hint: `What took longest: ${longest.slice(0, 3).join(', ')}.`,
  });
};

const LEVELS = { crit: 2, err: 3, warning: 4 } as const;

const journalOutcomes = ({ journal }: BootTests, facts: Facts): [string, string, Outcome][] =>
  (['crit', 'err', 'warning'] as const).flatMap((level) => {
    const most = journal?.[level];
    if (most === undefined) return [];
    const lines = facts.journal.filter(({ priority }) => priority <= LEVELS[level]);
    return [['tests/journal', `journal ${level}`, judgeJournal(level, { most, lines, allow: journal?.allow ?? [] })]];
  });

interface JournalLimit {
  readonly most: number;
  readonly lines: readonly JournalLine[];
  readonly allow: readonly string[];
}

const judgeJournal = (level: string, { most, lines, allow }: JournalLimit): Outcome => {
  const texts = lines.map(({ who, text }) => `${who}: ${text}`);
  const fits = allow.map((pattern) => ({ pattern, found: textsFit(pattern, texts) }));
  const counted = texts.filter((_, nth) => !fits.some(({ found }) => found?.[nth]));
  const told = `${counted.length} messages of ${level} and worse`;
  if (counted.length <= most) return holds(told);
  const lost = fits.find(({ found }) => found === undefined);
  if (lost !== undefined) return unjudged(`${told}, and ${givenUp(lost.pattern)}`);
  const shown = [...new Set(counted)].slice(0, 5);
  return fails(`${told}, at most ${most} may be`, { wanted: `at most ${most}`, found: shown.join('\n') });
};

/** Boot loader, EFI and file system's own data take some of a disk. */
const LEAST_SHARE = 0.85;
const OTHER_PARTITIONS = 512 * 2 ** 20;

const judgeGrowth = (disk: number, { mounts, diskSize }: Facts): Outcome => {
  const root = mounts.find(({ path }) => path === '/')?.size;
  if (root === undefined) return unjudged('the guest does not tell how large root is');
  const told = `root is ${mebibytes(root)} on a disk of ${mebibytes(diskSize ?? disk)}`;
  if (root >= (disk - OTHER_PARTITIONS) * LEAST_SHARE) return holds(told);
  return fails(`${told}: it did not grow`, {
    wanted: `nearly ${mebibytes(disk)}`,
    found: mebibytes(root),
    where: '/',
    hint: 'A larger disk is of no use then. Does anything enlarge partition and file system at the first boot (growpart, systemd-repart, x-systemd.growfs)?',
  });
};
