/**
 * A list of stages that is written once and read in two ways: for the stages' names in their order, and to run them one
 * after the other. What flows from one into the next is a typed value, asked for where a later input is put together.
 */
import type { Engine } from './engine.ts';
import { type Stage, titleOf } from './stage.ts';

/** What is done with the stages of a list, one after the other. */
export interface Walker {
  /** Undefined: the walk goes no further. */
  visit<In, Out>(
    stage: Stage<In, Out>,
    input: In,
  ): Promise<{ readonly out: Out; readonly isLast?: boolean } | undefined>;
  /** As the engine does it, for what is read out of results. */
  readonly verify: Engine['verify'];
}

/** Each stage by an engine; `until` names the last one, where not all are wanted. */
export const runningOn = (engine: Pick<Engine, 'run' | 'verify'>, until?: string): Walker => ({
  visit: async (stage, input) => ({ out: await engine.run(stage, input), isLast: titleOf(stage) === until }),
  verify: (results) => engine.verify(results),
});

/** Gives what an entry of the list has made. */
export type Made<T> = () => Promise<T>;

export interface Steps<Context> {
  /** The list's next stage; its input is put together when its turn comes. */
  stage<In, Out>(stage: Stage<In, Out>, input: (context: Context) => In | Promise<In>): Made<Out>;
  /** What is read out of results: no stage, and made once, when it is first asked for. */
  value<T>(make: (walker: Pick<Walker, 'verify'>) => Promise<T>): Made<T>;
}

/** Writes the list, and says what comes out at its end. Which stages it has must not depend on what others make. */
export type Plan<Context, T> = (steps: Steps<Context>) => Made<T>;

export const stageNames = <Context>(plan: Plan<Context, unknown>): string[] => {
  const names: string[] = [];
  plan({
    stage(stage) {
      names.push(titleOf(stage));
      return notRun;
    },
    value: () => notRun,
  });
  return names;
};

const notRun = (): Promise<never> =>
  Promise.reject(new Error('a plan asks for the result of a stage that has not run'));

/** What comes out at the end of the list; undefined when the walk ended before. */
export const walkPlan = async <Context, T>(
  plan: Plan<Context, T>,
  context: Context,
  walker: Walker,
): Promise<T | undefined> => {
  /** Whether to go on. */
  const list: (() => Promise<boolean>)[] = [];
  const result = plan({
    stage<In, Out>(stage: Stage<In, Out>, input: (context: Context) => In | Promise<In>): Made<Out> {
      let made: { readonly out: Out } | undefined;
      list.push(async () => {
        const visited = await walker.visit(stage, await input(context));
        made = visited;
        return visited !== undefined && visited.isLast !== true;
      });
      return async () => made?.out ?? (await notRun());
    },
    value: (make) => once(() => make(walker)),
  });
  for (const visit of list) if (!(await visit())) return undefined;
  return result();
};

/** A value that is asked for twice is made once. */
const once = <T>(make: () => Promise<T>): Made<T> => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

/** The same list for stages of a recipe below: their inputs come from another context, and they say whose they are. */
export const stepsOf = <Above, Below>(
  steps: Steps<Above>,
  of: string,
  contextOf: (above: Above) => Below,
): Steps<Below> => ({
  stage: (stage, input) =>
    steps.stage({ ...stage, of: stage.of === undefined ? of : `${of}: ${stage.of}` }, (above) =>
      input(contextOf(above)),
    ),
  value: (make) => steps.value(make),
});
