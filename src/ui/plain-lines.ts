/**
 * Events as plain lines, for pipes and logs: stages and phases with the time since the start, and for as long as a phase goes
 * on, how far it has come: its share, or the task, the package or the last line of a step. Slow enough for a log.
 */
import type { StampedEvent, Subscriber } from '../pipeline/events.ts';
import { describeError } from './error.ts';
import { age, duration, tame } from './format.ts';
import { Whereabouts } from './step-place.ts';

/** Nothing is said of progress sooner than this after the line before; milliseconds. */
const QUIET = 30_000;
/** How often a silent step is reported to go on. */
const SILENCE = 2 * QUIET;
const TICK = 5_000;
/** Characters of a line of a step. */
const SHOWN = 120;

/** What goes on in a stage. */
interface Going {
  readonly phase: string;
  readonly since: number;
  /** How often its share was reported: a step reports it once, as it begins. */
  shares: number;
  readonly where: Whereabouts;
}

/** Calls back again and again, and keeps no process alive. */
const onTick = (tick: () => void): void => void setInterval(tick, TICK).unref();

export const lineScreen = (
  write: (text: string) => void,
  now: () => number = () => performance.now(),
  every: (tick: () => void) => void = onTick,
): Subscriber => {
  const started = now();
  let last = started;
  const going = new Map<string, Going>();
  const say = (text: string): void => {
    last = now();
    const since = Math.round((last - started) / 1000);
    const clock = `${String(Math.floor(since / 60)).padStart(2, '0')}:${String(since % 60).padStart(2, '0')}`;
    write(`${clock} ${text}\n`);
  };
  const sayWhere = (stage: string, { phase, since, where }: Going): void => {
    const words = [`${phase}, ${duration(now() - since)}`, tame(where.short, SHOWN)];
    say(`${stage}: ${words.filter((word) => word !== '').join(': ')}`);
  };
  every(() => {
    const [latest] = [...going].slice(-1);
    if (latest && now() - last >= SILENCE) sayWhere(...latest);
  });
  return (event) => {
    if (event.type === 'stage.phase') {
      going.delete(event.stage);
      going.set(event.stage, { phase: event.phase, since: now(), shares: 0, where: new Whereabouts() });
    }
    if (event.type === 'stage.done' || event.type === 'stage.failed') going.delete(event.stage);
    if (event.type === 'build.done' || event.type === 'build.failed') going.clear();
    const here = 'stage' in event ? going.get(event.stage) : undefined;
    if (here && event.type === 'stage.progress') here.shares += 1;
    if (here && event.type === 'stage.line') here.where.see(event.line);
    const isSoon = now() - last < QUIET;
    if (event.type === 'stage.line') {
      if (here && !isSoon && here.shares <= 1) sayWhere(event.stage, here);
      return;
    }
    if (event.type === 'stage.progress' && isSoon) return;
    const text = event.type === 'stage.progress' ? progressOf(event, here?.phase) : lineOf(event);
    if (text !== undefined) say(text);
  };
};

const progressOf = (
  { stage, done, total }: StampedEvent & { type: 'stage.progress' },
  phase: string | undefined,
): string | undefined =>
  total === undefined || total === 0
    ? undefined
    : `${stage}: ${phase === undefined ? '' : `${phase} `}${Math.floor((100 * done) / total)} %`;

const lineOf = (event: StampedEvent): string | undefined => {
  switch (event.type) {
    case 'build.start':
      return `${event.recipe} ${event.version}: ${event.stages.join(' → ')}`;
    case 'stage.start':
      return `${event.stage}: started`;
    case 'stage.cached':
      return `${event.stage}: unchanged, made ${age(event.age)}`;
    case 'stage.phase':
      return `${event.stage}: ${event.phase}`;
    case 'stage.note':
      return `${event.stage}: note: ${tame(event.text, 400)}`;
    case 'stage.done':
      return `${event.stage}: done in ${duration(event.duration)}`;
    case 'stage.failed':
      return `${event.stage}: failed${event.phase === undefined ? '' : ` in ${event.phase}`}`;
    case 'build.failed':
      return `failed after ${duration(event.duration)}\n${describeError(event.error, event.evidence)}`;
    case 'build.done':
      return `done in ${duration(event.duration)}`;
    case 'stage.line':
    case 'stage.progress':
      return undefined;
  }
};
