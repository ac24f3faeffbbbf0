/**
 * Events as plain lines, for pipes and logs: stages and phases with the time since the start, and how far a long phase
 * has come; no guest output.
 */
import type { StampedEvent, Subscriber } from '../pipeline/events.ts';
import { describeError } from './error.ts';
import { age, duration, tame } from './format.ts';

/** Nothing is said of progress sooner than this behind the line before; milliseconds. */
const QUIET = 30_000;

export const lineScreen = (write: (text: string) => void, now: () => number = () => performance.now()): Subscriber => {
  const started = now();
  let last = started;
  const phases = new Map<string, string>();
  return (event) => {
    if (event.type === 'stage.phase') phases.set(event.stage, event.phase);
    if (event.type === 'stage.progress' && now() - last < QUIET) return;
    const text = event.type === 'stage.progress' ? progressOf(event, phases.get(event.stage)) : lineOf(event);
    if (text === undefined) return;
    last = now();
    const since = Math.round((last - started) / 1000);
    const clock = `${String(Math.floor(since / 60)).padStart(2, '0')}:${String(since % 60).padStart(2, '0')}`;
    write(`${clock} ${text}\n`);
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
