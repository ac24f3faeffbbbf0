/** What on a disk sends by itself: which entries of the catalogue are there, and whether they are switched on. Nothing is started. */
import { posix } from 'node:path';
import { glob } from '../capture/glob.ts';
import type { Subject } from '../inspect/subject.ts';
import { type UnitFacts, unitFacts } from '../inspect/units.ts';
import { CATALOGUE } from './catalogue/catalogue.ts';
import type { Entry } from './catalogue/entry.ts';
import { isOff, settingIn } from './settings.ts';

export interface InstalledEntry {
  readonly id: string;
  readonly title: string;
  readonly class: Entry['class'];
  readonly state: 'on' | 'off';
  /** Why it is taken for that: `apt-daily.timer is enabled`, `LLMNR=no (/etc/systemd/resolved.conf.d/…)`. */
  readonly because: readonly string[];
  readonly sends: string;
  readonly trigger: string;
  /** No source tells it: it fails no policy. */
  readonly isVerified: boolean;
  readonly canBeSwitchedOff: boolean;
  readonly advice: string | undefined;
}

type Looked = Pick<Subject, 'files' | 'tree' | 'osRelease' | 'database'>;

export const installedEntries = async (subject: Looked): Promise<InstalledEntry[]> => {
  const units = await unitFacts(subject);
  const found: InstalledEntry[] = [];
  for (const entry of CATALOGUE) {
    if (!isFor(entry, subject) || !(await isThere(entry, subject))) continue;
    found.push(await judged(entry, subject, units));
  }
  return found;
};

const isFor = ({ distributions }: Entry, { osRelease }: Looked): boolean => {
  const ids = [osRelease.get('ID') ?? '', ...(osRelease.get('ID_LIKE') ?? '').split(' ')];
  return distributions.some((one) => one === '*' || ids.includes(one));
};

const isThere = async ({ packages, files }: Entry, subject: Looked): Promise<boolean> => {
  if (subject.database?.packages.some(({ name }) => packages.includes(name))) return true;
  const found = await Promise.all(files.map((pattern) => glob(subject.files, pattern)));
  return found.flat().length > 0;
};

/** One switch that is off is enough. */
const judged = async (entry: Entry, subject: Looked, units: UnitFacts): Promise<InstalledEntry> => {
  const { on, off } = joined([
    ...(await settingSwitches(entry, subject)),
    maskSwitch(entry, subject, units),
    unitSwitch(entry, units),
  ]);
  const { id, title, sends, trigger, advice } = entry;
  return {
    ...{ id, title, sends, trigger, advice },
    class: entry.class,
    state: off.length > 0 ? 'off' : 'on',
    because: off.length > 0 ? off : on.length > 0 ? on : ['it is installed'],
    isVerified: entry.source !== undefined,
    canBeSwitchedOff: entry.off.length > 0,
  };
};

interface Switch {
  readonly on: readonly string[];
  readonly off: readonly string[];
}
const NEITHER: Switch = { on: [], off: [] };

const joined = (all: readonly Switch[]): Switch => ({
  on: all.flatMap(({ on }) => on),
  off: all.flatMap(({ off }) => off),
});

const settingSwitches = ({ settings }: Entry, { files }: Looked): Promise<Switch[]> =>
  Promise.all(
    settings.map(async (setting) => {
      const { value, file } = await settingIn(files, setting);
      const text = `${setting.key} is ${value === '' ? 'empty' : value} (${file ?? 'by default'})`;
      return isOff(setting, value) ? { on: [], off: [text] } : { on: [text], off: [] };
    }),
  );

/** All of it that could be started is masked. */
const maskSwitch = ({ off }: Entry, { tree }: Looked, { masked }: UnitFacts): Switch => {
  const names = off.flatMap((action) => (action.kind === 'mask' ? action.units : []));
  const paths = new Set([...tree.keys()].filter((path) => path.includes('/systemd/system/')).map(baseName));
  const there = names.filter((name) => paths.has(name));
  if (there.length === 0 || !there.every((name) => masked.includes(name))) return NEITHER;
  return { on: [], off: [`${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} masked`] };
};

const baseName = (path: string): string => posix.basename(path);

const unitSwitch = ({ units }: Entry, { enabled, masked }: UnitFacts): Switch => {
  if (units.length === 0) return NEITHER;
  const on = units.filter((name) => enabled.some(({ unit }) => unit === name) && !masked.includes(name));
  return on.length > 0
    ? { on: on.map((name) => `${name} is enabled`), off: [] }
    : { on: [], off: [`${units.join(', ')}: not enabled`] };
};
