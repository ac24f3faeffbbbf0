/** A file to lint: its text, its lines, and the comments that switch rules off. */
import { readFile, stat } from 'node:fs/promises';
import { IngotError } from '../errors.ts';

export interface SourceFile {
  /** As the user named it. */
  readonly name: string;
  readonly text: string;
  /** Without line ends; a carriage return stays. */
  readonly lines: readonly string[];
}

/** Reads a file that is included, by its path and the name of the file that includes it; undefined when it is not at hand. */
export type ReadInclude = (path: string, from: string) => SourceFile | undefined;

const LARGEST = 64 * 2 ** 20;

/** Throws `lint.binary` for what is no text, `lint.too-large` above 64 MiB, and what the system says to the path. */
export const readSourceFile = async (path: string): Promise<SourceFile> => {
  const { size } = await stat(path);
  if (size > LARGEST)
    throw new IngotError('lint.too-large', `${size} bytes are more than an answer file can have (64 MiB)`, {
      where: path,
      hint: 'Is this an answer file?',
    });
  return sourceFile(path, await readFile(path));
};

/** UTF-8; what is not is read as Latin-1, as older answer files are. A byte order mark stays: no installer skips it. */
export const sourceFile = (name: string, content: Uint8Array | string): SourceFile => {
  const text = typeof content === 'string' ? content : decode(name, content);
  return { name, text, lines: text.split('\n') };
};

const decode = (name: string, bytes: Uint8Array): string => {
  const zero = bytes.indexOf(0);
  if (zero >= 0) {
    const line = bytes.subarray(0, zero).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 1);
    throw new IngotError('lint.binary', 'this is a binary file, not an answer file (it has a zero byte)', {
      where: `${name}:${line}`,
      hint: 'Name a preseed.cfg, a ks.cfg or a recipe.',
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
};
