/** The lines of a file with those of included files in their place, as pykickstart reads them. */
import type { SourceFile } from '../source-file.ts';
import type { Line } from './document.ts';

interface Frame {
  readonly file: SourceFile;
  next: number;
}

/** Far above what a person writes; two files that include two each, and so on, would never end. */
const MOST_INCLUDES = 500;

/** What is behind them is not read: this is no kickstart file. */
const MOST_LINES = 200_000;

export type Entered = 'entered' | 'cycle' | 'too-many';

export class LineStream {
  readonly #frames: Frame[];
  #includes = 0;
  #lines = 0;

  constructor(file: SourceFile) {
    this.#frames = [{ file, next: 0 }];
  }

  next(): Line | undefined {
    if (this.#lines++ >= MOST_LINES) return undefined;
    for (let frame = this.#frames.at(-1); frame; frame = this.#frames.at(-1)) {
      const text = frame.file.lines[frame.next];
      if (text !== undefined) {
        frame.next++;
        return { file: frame.file, number: frame.next, text };
      }
      this.#frames.pop();
    }
    return undefined;
  }

  /** Goes on with the lines of an included file, unless it is the one that is being read. */
  enter(file: SourceFile): Entered {
    if (this.#frames.some((frame) => frame.file.name === file.name)) return 'cycle';
    if (++this.#includes > MOST_INCLUDES) return 'too-many';
    this.#frames.push({ file, next: 0 });
    return 'entered';
  }
}
