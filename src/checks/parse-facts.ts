/** Facts out of what the script has printed. What a guest did not tell is absent; it is never taken for nothing. */

import { IngotError } from '../errors.ts';
import { MOST_CONTENT } from './collect.ts';
import type { Facts, FileState, GuestFile, JournalLine, Listener, MountState, UnitState } from './facts.ts';
import { parseProcNet, parseSs } from './parse-listeners.ts';

type Parts = ReadonlyMap<string, readonly string[]>;

/** Throws `tests.facts` when the script did not come to its end. */
export const parseFacts = (text: string): Facts => {
  const parts = partsOf(text);
  if (!parts.has('end'))
    throw new IngotError('tests.facts', 'the guest did not tell all that was asked', {
      detail: text.slice(-2000),
      hint: 'serial.log of the machine says whether it stopped meanwhile.',
    });
  const lines = (name: string) => parts.get(name) ?? [];
  const first = (name: string) => lines(name)[0]?.trim() ?? '';
  const named = (prefix: string) =>
    [...parts].flatMap(([name, value]) =>
      name.startsWith(`${prefix} `) ? [[name.slice(prefix.length + 1), value] as const] : [],
    );
  return {
    state: first('state'),
    failed: lines('failed').flatMap((line) => {
      const unit = line.trim().split(/\s+/)[0];
      return unit ? [{ unit, lines: lines(`log ${unit}`) }] : [];
    }),
    jobs: lines('jobs').flatMap((line) => line.trim().split(/\s+/)[1] ?? []),
    bootTime: bootTimeOf(lines('boot')),
    longest: lines('blame')
      .slice(0, 5)
      .map((line) => line.trim()),
    journal: lines('journal').flatMap(journalLine),
    units: new Map(named('unit').map(([unit, value]) => [unit, unitState(unit, value)])),
    listeners: parts.has('ss') ? lines('ss').flatMap(parseSs) : netListeners(parts),
    sysctls: new Map(
      named('sysctl').flatMap(([name, value]) =>
        value.length > 0 ? [[name, value.join('\n').replaceAll('\t', ' ')]] : [],
      ),
    ),
    mounts: mountsOf(lines('mounts'), lines('room')),
    files: new Map(named('file').flatMap(([path, value]) => fileOf(path, value, parts))),
    cards: new Map(named('card').map(([name, value]) => [name, value[0]?.trim() ?? ''])),
    bootId: first('bootid'),
    diskSize: diskSizeOf(first('disk')),
  };
};

const partsOf = (text: string): Parts => {
  const parts = new Map<string, string[]>();
  let part: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('@')) {
      part = [];
      parts.set(line.slice(1), part);
    } else if (line.startsWith('|')) part.push(line.slice(1));
  }
  return parts;
};

const propertiesOf = (lines: readonly string[]): ReadonlyMap<string, string> =>
  new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

/** Monotonic, so from the kernel's start; microseconds. 0: not yet. */
const bootTimeOf = (lines: readonly string[]): number | undefined => {
  const finish = Number(propertiesOf(lines).get('FinishTimestampMonotonic') ?? 0);
  return finish > 0 ? Math.round(finish / 1000) : undefined;
};

/** journalctl -o json: a message that is no text is a list of bytes. */
const journalLine = (line: string): JournalLine[] => {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null) return [];
    const field = (name: string): unknown => Object.entries(entry).find(([key]) => key === name)?.[1];
    const message = field('MESSAGE');
    const text = Array.isArray(message) ? Buffer.from(message.map(Number)).toString() : String(message ?? '');
    return [{ priority: Number(field('PRIORITY') ?? 6), who: String(field('SYSLOG_IDENTIFIER') ?? ''), text }];
  } catch {
    return [];
  }
};

const unitState = (unit: string, lines: readonly string[]): UnitState => {
  const properties = propertiesOf(lines);
  const value = (name: string) => properties.get(name) ?? '';
  return {
    unit,
    load: value('LoadState'),
    active: value('ActiveState'),
    sub: value('SubState'),
    type: value('Type'),
    result: value('Result'),
    hasEnded: Number(value('ExecMainExitTimestampMonotonic') || 0) > 0,
  };
};

const netListeners = (parts: Parts): Listener[] =>
  (['tcp', 'tcp6', 'udp', 'udp6'] as const).flatMap((table) => parseProcNet(table, parts.get(`net ${table}`) ?? []));

/** proc(5), mounts: blanks are written as octal numbers. The last one on a path is what is seen. */
const mountsOf = (lines: readonly string[], room: readonly string[]): MountState[] => {
  const amounts = new Map(
    room.slice(1).flatMap((line) => {
      const [, total, , free, path] = /^\S+\s+(\d+)\s+(\d+)\s+(-?\d+)\s+\S+\s+(.*)$/.exec(line) ?? [];
      return path === undefined ? [] : [[path, { size: Number(total) * 1024, free: Number(free) * 1024 }] as const];
    }),
  );
  const mounts = new Map<string, MountState>();
  for (const line of lines) {
    const [device = '', path = '', type = '', options = ''] = line.split(' ').map(unescaped);
    const { size, free } = amounts.get(path) ?? {};
    mounts.set(path, { device, path, type, options: options.split(','), size, free });
  }
  return [...mounts.values()];
};

const unescaped = (word: string): string =>
  word.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** A link that leads nowhere is told as itself. */
const fileOf = (path: string, lines: readonly string[], parts: Parts): [string, GuestFile][] => {
  const own = stateOf(parts.get(`link ${path}`));
  const state = stateOf(lines) ?? own;
  if (state === undefined) return [];
  const content = parts.get(`content ${path}`);
  const bytes = content && Buffer.from(content.join(''), 'base64');
  const file: GuestFile = {
    ...state,
    ...(own === undefined ? {} : { link: { ...own, target: parts.get(`target ${path}`)?.[0] ?? '' } }),
    content: bytes?.toString(),
    ...(bytes !== undefined && bytes.length >= MOST_CONTENT ? { isCut: true } : {}),
  };
  return [[path, file]];
};

const stateOf = (lines: readonly string[] = []): FileState | undefined => {
  const [mode, owner, group, kind] = lines[0]?.split('|') ?? [];
  if (mode === undefined || owner === undefined || group === undefined || kind === undefined) return undefined;
  return { mode: mode.padStart(4, '0'), owner, group, type: typeOf(kind) };
};

const typeOf = (kind: string): GuestFile['type'] => {
  if (/^regular/.test(kind)) return 'file';
  if (kind === 'directory') return 'folder';
  return kind === 'symbolic link' ? 'link' : 'other';
};

/** The kernel counts in sectors of 512 bytes. */
const diskSizeOf = (sectors: string): number | undefined => (/^\d+$/.test(sectors) ? Number(sectors) * 512 : undefined);
