/** The story of a run, made from its events: what ran when, how long, what was said, and how it ended. */
import type { ErrorShape, StampedEvent } from '../../pipeline/events.ts';

export interface Span {
  readonly name: string;
  /** Milliseconds since the run began. */
  readonly start: number;
  /** Milliseconds; up to the last event when it never ended. */
  readonly duration: number;
}

export interface Note {
  readonly at: number;
  readonly text: string;
}

export interface StageStory extends Span {
  /** `cut`: the run ended, killed or stopped, while it ran. */
  readonly state: 'cached' | 'done' | 'failed' | 'cut';
  /** Of a cached one: milliseconds since its result was made. */
  readonly age?: number | undefined;
  readonly phases: readonly Span[];
  readonly notes: readonly Note[];
}

export interface LogLine {
  readonly at: number;
  readonly stage: string;
  readonly phase: string;
  readonly text: string;
}

export interface Story {
  readonly recipe: string;
  readonly version: string;
  readonly runFolder: string;
  /** ISO 8601. */
  readonly began: string;
  /** Milliseconds from the first event to the last. */
  readonly duration: number;
  /** In the order in which they ran; one that was made again after damage stands twice. */
  readonly stages: readonly StageStory[];
  /** Stages of the plan that were never reached. */
  readonly waiting: readonly string[];
  readonly lines: readonly LogLine[];
  /** Absent when the run was killed. */
  readonly end?: { readonly output?: string | undefined; readonly error?: ErrorShape | undefined };
}

interface OpenStage {
  readonly name: string;
  readonly start: number;
  readonly phases: Span[];
  readonly notes: Note[];
  phase: { readonly name: string; readonly start: number } | undefined;
}

/** Undefined when there is no beginning among the events. */
export const storyOf = (events: readonly StampedEvent[]): Story | undefined => {
  const first = events.find((event) => event.type === 'build.start');
  if (first?.type !== 'build.start') return undefined;
  const zero = Date.parse(first.at);
  const stages: StageStory[] = [];
  const lines: LogLine[] = [];
  const open = new Map<string, OpenStage>();
  let last = 0;
  let end: Story['end'];
  const close = (name: string, state: StageStory['state'], at: number): void => {
    const stage = open.get(name);
    if (!stage) return;
    endPhase(stage, at);
    const { start, phases, notes } = stage;
    stages.push({ name, state, start, duration: at - start, phases, notes });
    open.delete(name);
  };
  for (const event of events) {
    const at = Math.max(last, Date.parse(event.at) - zero);
    last = at;
    switch (event.type) {
      case 'stage.start':
        open.set(event.stage, { name: event.stage, start: at, phases: [], notes: [], phase: undefined });
        break;
      case 'stage.cached':
        stages.push({
          name: event.stage,
          state: 'cached',
          start: at,
          duration: 0,
          age: event.age,
          phases: [],
          notes: [],
        });
        break;
      case 'stage.phase': {
        const stage = open.get(event.stage);
        if (stage) endPhase(stage, at);
        if (stage) stage.phase = { name: event.phase, start: at };
        break;
      }
      case 'stage.line':
        lines.push({ at, stage: event.stage, phase: open.get(event.stage)?.phase?.name ?? '', text: event.line });
        break;
      case 'stage.note':
        open.get(event.stage)?.notes.push({ at, text: event.text });
        break;
      case 'stage.done':
        close(event.stage, 'done', at);
        break;
      case 'stage.failed':
        close(event.stage, event.error.code === 'interrupted' ? 'cut' : 'failed', at);
        break;
      case 'build.done':
        end = { output: event.output };
        break;
      case 'build.failed':
        end = { error: event.error };
        break;
      case 'build.start':
      case 'stage.progress':
        break;
    }
  }
  for (const name of [...open.keys()]) close(name, 'cut', last);
  const reached = new Set(stages.map(({ name }) => name));
  return {
    recipe: first.recipe,
    version: first.version,
    runFolder: first.runFolder,
    began: first.at,
    duration: last,
    stages: stages.sort((one, other) => one.start - other.start),
    waiting: first.stages.filter((name) => !reached.has(name)),
    lines,
    ...(end ? { end } : {}),
  };
};

const endPhase = (stage: OpenStage, at: number): void => {
  if (stage.phase) stage.phases.push({ ...stage.phase, duration: at - stage.phase.start });
  stage.phase = undefined;
};

/** How it ended, in two or three words. */
export const outcomeOf = ({ end }: Story): 'done' | 'stopped early' | 'failed' | 'interrupted' | 'killed' => {
  if (!end) return 'killed';
  if (!end.error) return end.output === undefined ? 'stopped early' : 'done';
  return end.error.code === 'interrupted' ? 'interrupted' : 'failed';
};
