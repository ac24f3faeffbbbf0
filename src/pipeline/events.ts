/**
 * What a build tells while it runs. Every screen, log and `--json` stream subscribes to these; they are the whole
 * interface between the build and its watchers. `at` is an ISO 8601 time stamp.
 */
export interface ErrorShape {
  readonly code: string;
  readonly message: string;
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
  readonly detail?: string | undefined;
}

export type BuildEvent =
  | {
      readonly type: 'build.start';
      readonly recipe: string;
      readonly version: string;
      readonly stages: readonly string[];
      readonly runFolder: string;
    }
  | { readonly type: 'stage.start'; readonly stage: string }
  | { readonly type: 'stage.cached'; readonly stage: string; readonly key: string; readonly age: number }
  | { readonly type: 'stage.phase'; readonly stage: string; readonly phase: string }
  | { readonly type: 'stage.line'; readonly stage: string; readonly line: string }
  | {
      readonly type: 'stage.progress';
      readonly stage: string;
      readonly done: number;
      readonly total?: number;
      readonly unit: 'bytes' | 'items';
    }
  | { readonly type: 'stage.note'; readonly stage: string; readonly text: string }
  | {
      readonly type: 'stage.done';
      readonly stage: string;
      readonly key: string /** Milliseconds. */;
      readonly duration: number;
    }
  | { readonly type: 'stage.failed'; readonly stage: string; readonly phase?: string; readonly error: ErrorShape }
  | { readonly type: 'build.done'; readonly duration: number; readonly output?: string }
  | { readonly type: 'build.failed'; readonly duration: number; readonly error: ErrorShape; readonly evidence: string };

export type StampedEvent = BuildEvent & { readonly at: string };
export type Subscriber = (event: StampedEvent) => void;

export interface EventBus {
  emit(event: BuildEvent): void;
  subscribe(subscriber: Subscriber): void;
}

export const createEventBus = (now: () => Date = () => new Date()): EventBus => {
  const subscribers: Subscriber[] = [];
  return {
    subscribe: (subscriber) => void subscribers.push(subscriber),
    emit(event) {
      const stamped = { ...event, at: now().toISOString() };
      for (const subscriber of subscribers) subscriber(stamped);
    },
  };
};
