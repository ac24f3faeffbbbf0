/** What a craft may tell while it works. Crafts know no stages and no screens; the engine turns this into events. */
export interface Reporter {
  /** A line of a tool's or the guest's output, for the log and the live line. */
  line(text: string): void;
  /** Progress of the running piece of work; `total` is absent when it is not known. */
  progress(done: number, total: number | undefined, unit: 'bytes' | 'items' | 'percent'): void;
  /** A named part begins (installer phase, configure step); the one before it ends. */
  phase(name: string): void;
  /** Something the user should know, said once: a fallback, a stand-in, a choice. */
  note(text: string): void;
  /** The console's screen, as text; absent when nobody looks at it. */
  screen?(text: string): void;
}

export const silentReporter: Reporter = { line() {}, progress() {}, phase() {}, note() {} };
