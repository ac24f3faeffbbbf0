/** Which screen shows the builds: NDJSON, plain lines, a live list; for several builds one line each. */
import type { Subscriber } from '../pipeline/events.ts';
import { jsonScreen } from '../ui/event-json.ts';
import { lineScreen } from '../ui/plain-lines.ts';
import { print } from './print.ts';

export interface RunScreenOptions {
  readonly json: boolean;
  readonly plain: boolean;
}

export interface RunScreen {
  /** What the build of this name tells. */
  subscriberFor(name: string): Subscriber;
  /** Resolves when the last state is drawn; call it before writing anything else. */
  finish(): Promise<void>;
}

export const openScreen = async (options: RunScreenOptions, builds: number): Promise<RunScreen> => {
  const write = (text: string) => print(text);
  const isMany = builds > 1;
  if (options.json) {
    const subscriberFor = (name: string) => jsonScreen(write, isMany ? name : undefined);
    return { subscriberFor, finish: async () => undefined };
  }
  if (options.plain || !process.stdout.isTTY) {
    const subscriberFor = (name: string) =>
      lineScreen((text) => write(isMany ? text.replace(/^(\d+:\d\d) /, `$1 ${name}: `) : text));
    return { subscriberFor, finish: async () => undefined };
  }
  if (isMany) {
    const { manyScreen } = await import('../ui/many.ts');
    return manyScreen(write);
  }
  const { terminalScreen } = await import('../ui/terminal.ts');
  const { subscriber, finish } = terminalScreen(write);
  return { subscriberFor: () => subscriber, finish };
};
