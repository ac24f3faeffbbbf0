/** A preseed file as the rules look at it: what the installer reads, and the text that it stands in. */
import { type PreseedLines, parsePreseedLines } from '../../formats/preseed.ts';
import type { SourceFile } from '../source-file.ts';

export interface PreseedFile extends PreseedLines {
  readonly source: SourceFile;
}

export const parsePreseedFile = (source: SourceFile): PreseedFile => ({ source, ...parsePreseedLines(source.lines) });
