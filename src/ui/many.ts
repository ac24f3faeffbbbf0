/** Several builds as a live list: a line a build with its stage, phase and share; those that are done say how long it took. */
import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from 'listr2';
import type { StampedEvent, Subscriber } from '../pipeline/events.ts';
import { describeError } from './error.ts';
import { duration, progress, tame } from './format.ts';
import { Whereabouts } from './step-place.ts';

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

class Row {
  readonly name: string;
  readonly ended = Promise.withResolvers<void>();
  readonly started = performance.now();
  task: Task | undefined;
  stage = '';
  phase = '';
  share = '';
  readonly where = new Whereabouts();
  result = '';

  constructor(name: string) {
    this.name = name;
    this.ended.promise.catch(() => undefined);
  }

  see(event: StampedEvent): void {
    if (event.type === 'stage.start') Object.assign(this, { stage: event.stage, phase: '', share: '' });
    if (event.type === 'stage.phase') Object.assign(this, { stage: event.stage, phase: event.phase, share: '' });
    if (event.type === 'stage.start' || event.type === 'stage.phase') this.where.reset();
    if (event.type === 'stage.line') this.where.see(event.line);
    if (event.type === 'stage.progress') this.share = progress(event.done, event.total, event.unit);
    if (event.type === 'build.done') {
      this.result = `done in ${duration(event.duration)}`;
      this.ended.resolve();
    }
    if (event.type === 'build.failed') {
      this.result = `failed in ${[this.stage, this.phase].filter((part) => part !== '').join('/')}`;
      this.ended.reject(new Error(tame(event.error.message, 400)));
    }
  }

  title(width: number): string {
    const running = [duration(performance.now() - this.started), this.stage, this.phase, this.share, this.where.place];
    const state = this.result === '' ? running.filter((part) => part !== '').join(' · ') : this.result;
    return `${this.name.padEnd(width)} ${state}`;
  }
}

export interface ManyScreen {
  subscriberFor(name: string): Subscriber;
  finish(): Promise<void>;
}

const INTERVAL = 500;

/** Notes and errors come below the list, when it is whole. */
export const manyScreen = (write: (text: string) => void): ManyScreen => {
  const rows: Row[] = [];
  const below: string[] = [];
  const draw = (): void => {
    const width = Math.max(...rows.map(({ name }) => name.length));
    for (const row of rows) if (row.task) row.task.title = tame(row.title(width), 200);
  };
  const list = new Listr([], { concurrent: true, exitOnError: false, registerSignalListeners: false });
  let drawing: Promise<unknown> | undefined;
  const ticker = setInterval(draw, INTERVAL);
  ticker.unref();

  return {
    subscriberFor(name) {
      const row = new Row(name);
      rows.push(row);
      list.add({
        title: name,
        task: (_: unknown, task: Task) => {
          row.task = task;
          return row.ended.promise;
        },
      });
      return (event) => {
        // Every build has a row before the first one reports something.
        drawing ??= list.run().catch(() => undefined);
        row.see(event);
        if (event.type === 'stage.note') below.push(`note: ${name}: ${event.stage}: ${tame(event.text, 400)}`);
        if (event.type === 'build.failed') below.push(`${name}\n${describeError(event.error, event.evidence)}`);
        if (event.type !== 'stage.line' && event.type !== 'stage.progress') draw();
      };
    },
    async finish() {
      clearInterval(ticker);
      draw();
      for (const row of rows) row.ended.reject(new Error('not reached'));
      await drawing;
      for (const text of new Set(below)) write(`${text}\n`);
    },
  };
};
