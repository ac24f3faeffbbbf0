/** What systemd starts, as links and unit files say (systemd.unit(5)). Presets are not guessed: systemd applies them at the first boot. */
import { posix } from 'node:path';
import type { FileTree } from '../capture/file-tree.ts';
import type { Subject } from './subject.ts';

export interface EnabledUnit {
  readonly unit: string;
  /** `multi-user.target`; of a link in `*.requires` or `*.upholds`, `sshd.service requires`. */
  readonly by: readonly string[];
  /** Whether a link in /etc says so, which an administrator or a preset has made, or the packages' own folder. */
  readonly from: 'etc' | 'package';
}

export interface ListeningSocket {
  readonly unit: string;
  readonly from: EnabledUnit['from'];
  /** `ListenStream=22` */
  readonly listens: readonly string[];
}

export interface Timer {
  readonly unit: string;
  readonly from: EnabledUnit['from'];
  /** `OnCalendar=daily` */
  readonly when: readonly string[];
}

export interface UnitFacts {
  readonly defaultTarget: string | undefined;
  readonly enabled: readonly EnabledUnit[];
  readonly masked: readonly string[];
  readonly sockets: readonly ListeningSocket[];
  readonly timers: readonly Timer[];
}

/** The first one that has a unit wins. */
const FOLDERS = [
  '/etc/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

export const unitFacts = async ({ files, tree }: Pick<Subject, 'files' | 'tree'>): Promise<UnitFacts> => {
  const enabled = enabledIn(tree);
  const ofType = (type: string) => enabled.filter(({ unit }) => unit.endsWith(type));
  const unitFiles = [...tree.keys()].filter((path) => path.includes('/systemd/system/'));
  const settings = (unit: string, pattern: RegExp) => settingsOf(files, unitFiles, unit, pattern);
  const target =
    (await files.link('/etc/systemd/system/default.target')) ??
    (await files.link('/usr/lib/systemd/system/default.target'));
  const sockets = ofType('.socket').map(async ({ unit, from }) => ({
    unit,
    from,
    listens: await settings(unit, /^Listen\w+$/),
  }));
  const timers = ofType('.timer').map(async ({ unit, from }) => ({
    unit,
    from,
    when: await settings(unit, /^On\w+$/),
  }));
  return {
    defaultTarget: target === undefined ? undefined : posix.basename(target),
    enabled,
    masked: [...tree.values()]
      .filter(isMask)
      .map(({ path }) => posix.basename(path))
      .sort(),
    sockets: await Promise.all(sockets),
    timers: await Promise.all(timers),
  };
};

const isMask = ({ path, target }: { readonly path: string; readonly target?: string }): boolean =>
  target === '/dev/null' && posix.dirname(path) === '/etc/systemd/system';

const WANTED =
  /^(\/etc|\/usr\/local\/lib|\/usr\/lib|\/lib)\/systemd\/system\/([^/]+)\.(wants|requires|upholds)\/([^/]+)$/;

const enabledIn = (tree: FileTree): EnabledUnit[] => {
  const units = new Map<string, { unit: string; by: string[]; from: EnabledUnit['from'] }>();
  for (const [path, { type }] of tree) {
    const [, folder, by = '', how, unit = ''] = WANTED.exec(path) ?? [];
    if (folder === undefined || type === 'folder') continue;
    const known = units.get(unit) ?? { unit, by: [], from: 'package' as const };
    const from = folder === '/etc' ? 'etc' : known.from;
    units.set(unit, { unit, by: [...known.by, how === 'wants' ? by : `${by} ${how}`], from });
  }
  return [...units.values()].sort((one, other) => (one.unit < other.unit ? -1 : 1));
};

/** Settings of a unit and of its drop-ins, an empty one taking back those before. */
const settingsOf = async (
  files: Subject['files'],
  paths: readonly string[],
  unit: string,
  name: RegExp,
): Promise<string[]> => {
  const names = [unit, unit.replace(/@[^.]*\./, '@.')];
  const fragment = FOLDERS.flatMap((folder) => names.map((one) => `${folder}/${one}`)).find((path) =>
    paths.includes(path),
  );
  const dropIns = FOLDERS.toReversed().flatMap((folder) =>
    names.flatMap((one) => paths.filter((path) => path.startsWith(`${folder}/${one}.d/`) && path.endsWith('.conf'))),
  );
  const found: string[] = [];
  for (const path of [...(fragment === undefined ? [] : [fragment]), ...dropIns]) {
    for (const line of ((await files.text(path)) ?? '').split('\n')) {
      const [, key = '', value = ''] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (!name.test(key)) continue;
      if (value === '') found.length = 0;
      else found.push(`${key}=${value}`);
    }
  }
  return found;
};
