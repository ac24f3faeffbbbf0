/**
 * Events as a live list: a line a stage with its time, the running phase next to it, and under it the last line the
 * installer or a step wrote. listr2 draws; each of its tasks is a promise that an event settles.
 */
import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from 'listr2';
import type { StampedEvent, Subscriber } from '../pipeline/events.ts';
import { describeError } from './error.ts';
import { age, duration, progress, tame } from './format.ts';
import { Whereabouts } from './step-place.ts';

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

class Row {
  readonly name: string;
  readonly ended = Promise.withResolvers<void>();
  task: Task | undefined;
  started: number | undefined;
  phase = '';
  phaseStarted = 0;
  share = '';
  suffix = '';
  line = '';
  readonly where = new Whereabouts();

  constructor(name: string) {
    this.name = name;
    this.ended.promise.catch(() => undefined);
  }

  draw(): void {
    if (!this.task) return;
    this.task.title = tame(this.title(), 200);
    this.task.output = this.line;
  }

  private title(): string {
    if (this.suffix !== '') return `${this.name.padEnd(10)} ${this.suffix}`;
    if (this.started === undefined) return this.name;
    const running = [duration(performance.now() - this.started)];
    if (this.phase !== '') running.push(`${this.phase} ${duration(performance.now() - this.phaseStarted)}`);
    if (this.share !== '') running.push(this.share);
    return `${this.name.padEnd(10)} ${running.join(' · ')}`;
  }
}

export interface TerminalScreen {
  readonly subscriber: Subscriber;
  /** Resolves when the last state is drawn; call it before writing anything else. */
  finish(): Promise<void>;
}

export const terminalScreen = (write: (text: string) => void): TerminalScreen => {
  const rows = new Map<string, Row>();
  const notes: string[] = [];
  let drawing: Promise<unknown> = Promise.resolve();
  let ticker: NodeJS.Timeout | undefined;
  let epilogue = '';

  const begin = (names: readonly string[]): void => {
    for (const name of names) rows.set(name, new Row(name));
    const list = new Listr(
      [...rows.values()].map((row) => ({
        title: row.name,
        task: (_: unknown, task: Task) => {
          row.task = task;
          row.draw();
          return row.ended.promise;
        },
        rendererOptions: { persistentOutput: false, outputBar: 1 },
      })),
      { concurrent: false, exitOnError: true, registerSignalListeners: false },
    );
    drawing = list.run().catch(() => undefined);
    ticker = setInterval(() => {
      for (const row of rows.values()) if (row.started !== undefined && row.suffix === '') row.draw();
    }, 500);
    ticker.unref();
  };

  const onStage = (row: Row, event: StampedEvent): void => {
    switch (event.type) {
      case 'stage.start':
        row.started = performance.now();
        break;
      case 'stage.cached':
        row.suffix = `unchanged, made ${age(event.age)}`;
        break;
      case 'stage.phase':
        row.phase = event.phase;
        row.phaseStarted = performance.now();
        row.share = '';
        row.where.reset();
        break;
      case 'stage.progress':
        row.share = progress(event.done, event.total, event.unit);
        break;
      case 'stage.line':
        row.where.see(event.line);
        row.line = tame(row.where.long, Math.max(40, (process.stdout.columns ?? 100) - 6));
        break;
      case 'stage.done':
        row.suffix = duration(event.duration);
        break;
      case 'stage.failed':
        row.suffix = `failed${event.phase === undefined ? '' : ` in ${event.phase}`}`;
        break;
    }
    if (event.type !== 'stage.line' && event.type !== 'stage.progress') row.draw();
    if (event.type === 'stage.cached' || event.type === 'stage.done') row.ended.resolve();
    if (event.type === 'stage.failed') row.ended.reject(new Error(tame(event.error.message, 400)));
  };

  return {
    subscriber(event) {
      if (event.type === 'build.start') begin(event.stages);
      if (event.type === 'stage.note') notes.push(`note: ${event.stage}: ${tame(event.text, 400)}`);
      if (event.type === 'build.failed') epilogue = describeError(event.error, event.evidence);
      const row = 'stage' in event ? rows.get(event.stage) : undefined;
      if (row) onStage(row, event);
    },
    async finish() {
      clearInterval(ticker);
      for (const row of rows.values()) row.ended.reject(new Error('not reached'));
      await drawing;
      for (const text of [...notes, epilogue]) if (text !== '') write(`${text}\n`);
    },
  };
};
