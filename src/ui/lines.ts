/** Events as plain lines, for pipes and logs: stages and phases with the time since the start, no guest output. */
import type { StampedEvent, Subscriber } from '../pipeline/events.ts';
import { describeError } from './error.ts';
import { age, duration, tame } from './format.ts';

export const lineScreen = (write: (text: string) => void): Subscriber => {
  const started = performance.now();
  return (event) => {
    const text = lineOf(event);
    if (text === undefined) return;
    const since = Math.round((performance.now() - started) / 1000);
    const clock = `${String(Math.floor(since / 60)).padStart(2, '0')}:${String(since % 60).padStart(2, '0')}`;
    write(`${clock} ${text}\n`);
  };
};

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
