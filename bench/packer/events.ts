/** Times out of what the two tools print: Ingot's events (`--json`), Packer's lines. */
import type { Line } from './watched.ts';

interface Event {
  readonly type: string;
  readonly at: string;
  readonly stage?: string;
  readonly phase?: string;
  readonly duration?: number;
}

const isEvent = (value: unknown): value is Event =>
  typeof value === 'object' && value !== null && 'type' in value && 'at' in value;

const eventsOf = (lines: readonly Line[]): Event[] =>
  lines
    .filter(({ text }) => text.startsWith('{'))
    .map(({ text }) => JSON.parse(text))
    .filter(isEvent);

/** Seconds of each phase that ran, by `stage/phase`, and of each stage by its name. */
export const phaseTimes = (lines: readonly Line[]): ReadonlyMap<string, number> => {
  const times = new Map<string, number>();
  let open: { readonly name: string; readonly since: number } | undefined;
  for (const { type, at, stage = '', phase, duration = 0 } of eventsOf(lines)) {
    if (!/^(stage\.(phase|done|failed)|build\.)/.test(type)) continue;
    const now = Date.parse(at) / 1000;
    if (open) times.set(open.name, (times.get(open.name) ?? 0) + now - open.since);
    open = type === 'stage.phase' ? { name: `${stage}/${phase}`, since: now } : undefined;
    if (type === 'stage.done') times.set(stage, duration / 1000);
  }
  return times;
};

export interface PackerTimes {
  /** Seconds from the start until the installed system could be logged into, and what the conversion took. */
  readonly ssh: number;
  readonly convert: number;
}

export const packerTimes = (lines: readonly Line[]): PackerTimes => {
  const find = (words: RegExp, from = 0): number =>
    lines.findIndex(({ text }, index) => index >= from && words.test(text));
  const at = (index: number, what: string): number => {
    const line = lines[index];
    if (line === undefined) throw new Error(`Packer said nothing of ${what}`);
    return line.at;
  };
  const converting = find(/Converting hard drive/);
  const began = at(converting, 'a conversion');
  return {
    ssh: at(find(/Connected to SSH/), 'SSH'),
    convert: at(find(/Build '.*' finished|Builds finished/, converting), 'its end') - began,
  };
};
