/** A kickstart file with what it includes, as the checks see it: commands and sections in order, each with its place. */
import type { SourceFile } from '../source-file.ts';
import type { Word } from './words.ts';

export interface Line {
  readonly file: SourceFile;
  /** 1-based. */
  readonly number: number;
  readonly text: string;
}

export interface Command {
  readonly line: Line;
  readonly name: Word;
  readonly words: readonly Word[];
}

export interface Section {
  readonly line: Line;
  /** With the per cent sign. */
  readonly name: Word;
  readonly words: readonly Word[];
  /** What stands in it, without `%end` and includes. */
  readonly body: readonly Line[];
}

export interface Include {
  readonly line: Line;
  readonly path: Word;
}

export interface Document {
  readonly file: SourceFile;
  readonly commands: readonly Command[];
  readonly sections: readonly Section[];
  /** Something is included that could not be read: whatever seems to be missing may be there. */
  readonly open: boolean;
  /** What could not be read. */
  readonly unread: readonly Include[];
}
