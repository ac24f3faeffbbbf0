/** Machines of one test that run at the same time, told as one piece of work: what each of them does, in their order. */
import type { Reporter } from '../../report.ts';
import { WAITS_FOR_ROOM } from '../machines.ts';

export interface ToldTogether {
  /** Of the machine with this name, until it is done. */
  reporterOf(name: string): Reporter & Disposable;
}

/** Lines say whose they are while more than one runs. One that waits for room beside the others is not told. */
export const toldTogether = (reporter: Reporter, names: readonly string[]): ToldTogether => {
  const doing = new Map<string, string>();
  const isTold = (name: string) => doing.has(name) && (doing.size === 1 || doing.get(name) !== WAITS_FOR_ROOM);
  let last = '';
  const tell = (): void => {
    const now = names.flatMap((name) => (isTold(name) ? [doing.get(name)] : [])).join(', ');
    if (now === '' || now === last) return;
    last = now;
    reporter.phase(now);
  };
  const runningNow = () => [...doing.values()].filter((phase) => phase !== WAITS_FOR_ROOM).length;
  return {
    reporterOf: (name) => ({
      line: (text) => reporter.line(runningNow() > 1 ? `${name}: ${text}` : text),
      note: (text) => reporter.note(text),
      progress: (done, total, unit) => reporter.progress(done, total, unit),
      // One screen at a time can be looked at.
      ...(reporter.screen && name === names[0] ? { screen: (text: string) => reporter.screen?.(text) } : {}),
      phase(text) {
        doing.set(name, text);
        tell();
      },
      [Symbol.dispose]() {
        doing.delete(name);
        tell();
      },
    }),
  };
};
