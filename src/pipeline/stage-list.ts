/**
 * A list of stages that is written once and read in two ways: for the stages' names in their order, and to run them one
 * after the other. What flows from one into the next is a typed value, asked for where a later input is put together.
 */
import type { Engine } from './engine.ts';
import type { Stage } from './stage.ts';

/** All that a list of stages needs of an engine. */
export type Runner = Pick<Engine, 'run' | 'verify'>;

/** Gives what an entry of the list has made. */
export type Made<T> = () => Promise<T>;

export interface Steps<Context> {
  /** The list's next stage; its input is put together when its turn comes. */
  stage<In, Out>(stage: Stage<In, Out>, input: (context: Context) => In | Promise<In>): Made<Out>;
  /** What is read out of results: no stage, and made once, when it is first asked for. */
  value<T>(make: (engine: Runner) => Promise<T>): Made<T>;
}

/** Writes the list, and says what comes out at its end. Which stages it has must not depend on what others make. */
export type Plan<Context, T> = (steps: Steps<Context>) => Made<T>;

export const stageNames = <Context>(plan: Plan<Context, unknown>): string[] => {
  const names: string[] = [];
  plan({
    stage({ name }) {
      names.push(name);
      return notRun;
    },
    value: () => notRun,
  });
  return names;
};

const notRun = (): Promise<never> => Promise.reject(new Error('a plan asks for a result while it is being written'));

export const runPlan = async <Context, T>(plan: Plan<Context, T>, context: Context, engine: Runner): Promise<T> => {
  const list: Made<unknown>[] = [];
  const result = plan({
    stage(stage, input) {
      const made = once(async () => engine.run(stage, await input(context)));
      list.push(made);
      return made;
    },
    value: (make) => once(() => make(engine)),
  });
  for (const made of list) await made();
  return result();
};

/** A result that is asked for twice is made once. */
const once = <T>(make: () => Promise<T>): Made<T> => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
