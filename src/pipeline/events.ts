/**
 * What a build tells while it runs. Every screen, log and `--json` stream subscribes to these; they are the whole
 * interface between the build and its watchers. `at` is an ISO 8601 time stamp.
 */
import { firstFailure, IngotError, messageOf, OUR_FAULT } from '../errors.ts';
import { named } from '../system-error.ts';

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
      readonly unit: 'bytes' | 'items' | 'percent';
    }
  | { readonly type: 'stage.note'; readonly stage: string; readonly text: string }
  /** Only while somebody looks (`--view`); in no log. */
  | { readonly type: 'stage.screen'; readonly stage: string; readonly text: string }
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

export interface EventBusOptions {
  readonly now?: () => Date;
  /** Takes secrets out of every text before anybody sees it. */
  readonly redact?: (text: string) => string;
}

export const createEventBus = ({ now = () => new Date(), redact = (text) => text }: EventBusOptions = {}): EventBus => {
  const subscribers: Subscriber[] = [];
  return {
    subscribe: (subscriber) => void subscribers.push(subscriber),
    emit(event) {
      const stamped = { ...redacted(event, redact), at: now().toISOString() };
      for (const subscriber of subscribers) subscriber(stamped);
    },
  };
};

const redacted = <T>(value: T, redact: (text: string) => string): T => {
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') return cut(redact(part));
    if (Array.isArray(part)) return part.map(walk);
    if (part === null || typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, walk(inner)]));
  };
  return walk(value) as T;
};

/** Characters of one text; a screen or the end of a log has fewer. */
const LONGEST_TEXT = 65_536;

const cut = (text: string): string =>
  text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}… (the rest is left out)`;

export const errorShape = (thrown: unknown): ErrorShape => {
  const error = named(firstFailure(thrown));
  if (!(error instanceof IngotError))
    return {
      code: 'internal',
      message: messageOf(error),
      hint: OUR_FAULT,
      detail: error instanceof Error ? error.stack : undefined,
    };
  return { code: error.code, message: error.message, where: error.where, hint: error.hint, detail: error.detail };
};
