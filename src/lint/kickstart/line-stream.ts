/** The lines of a file with those of included files in their place, as pykickstart reads them. */
import type { SourceFile } from '../source-file.ts';
import type { Line } from './kickstart-document.ts';

interface Frame {
  readonly file: SourceFile;
  next: number;
}

/** Far above what a person writes; two files that include two each, and so on, would never end. */
const MOST_INCLUDES = 500;

/** Far above what a person writes, or a program. What follows is not read, which is reported. */
export const MOST_LINES = 200_000;

export type Entered = 'entered' | 'cycle' | 'too-many';

export class LineStream {
  readonly #frames: Frame[];
  #includes = 0;
  #lines = 0;
  /** The line at which reading stopped, with more after it. */
  stoppedAt: Line | undefined;

  constructor(file: SourceFile) {
    this.#frames = [{ file, next: 0 }];
  }

  next(): Line | undefined {
    for (let frame = this.#frames.at(-1); frame; frame = this.#frames.at(-1)) {
      const text = frame.file.lines[frame.next];
      if (text !== undefined) {
        const line = { file: frame.file, number: frame.next + 1, text };
        // The empty line after the last line end does not count.
        const isEnd = text === '' && frame.file.lines.length === line.number;
        if (this.#lines++ >= MOST_LINES && !isEnd) {
          this.stoppedAt = line;
          return undefined;
        }
        frame.next++;
        return line;
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
