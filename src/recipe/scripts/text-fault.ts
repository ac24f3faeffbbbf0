/**
 * What editors and tools of other systems leave in a text, and what interpreters and parsers here do not accept: Windows line
 * endings, a byte order mark, UTF-16.
 */

import { isUtf8 } from 'node:buffer';

export interface TextFault {
  readonly message: string;
  readonly hint: string;
}

export interface TextUse {
  /** Read line by line by a program for which a carriage return is a part of the line. */
  readonly isScript: boolean;
  /** Read here as UTF-8: other bytes would be lost without a word. */
  readonly isDecoded?: boolean;
}

/** The first of them in a file; `name` is how it is called in what is to be done. */
export const textFault = (
  content: Uint8Array,
  name: string,
  { isScript, isDecoded = false }: TextUse,
): TextFault | undefined => {
  const utf16 = utf16Of(content);
  if (utf16 !== undefined)
    return {
      message: `expected a text in UTF-8, found one in ${utf16}`,
      hint: `Windows PowerShell writes it so. Convert it: \`iconv -f ${utf16} -t UTF-8 ${name} | sed 's/^\\xef\\xbb\\xbf//; s/\\r$//' > NEW\`.`,
    };
  const hasMark = content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf;
  if (hasMark)
    return {
      message: 'the text begins with a byte order mark (BOM), which is read as a part of its first word',
      hint: `Save it as UTF-8 without BOM, or remove it: \`sed -i '1s/^\\xef\\xbb\\xbf//' ${name}\`.`,
    };
  if (isDecoded && !isUtf8(Buffer.from(content)))
    return {
      message: 'expected a text in UTF-8, found bytes that are none',
      hint: `Convert it from what it is in, such as Latin-1: \`iconv -f ISO-8859-1 -t UTF-8 ${name} > NEW\`.`,
    };
  const line = isScript ? firstWindowsLine(content) : undefined;
  if (line === undefined) return undefined;
  return {
    message: `line ${line} ends in CR LF, as Windows ends lines, and the CR is read as a part of the line`,
    hint: `Convert it: \`sed -i 's/\\r$//' ${name}\`. In git, \`* text=auto eol=lf\` in .gitattributes keeps it that way.`,
  };
};

/** By its mark, or by a zero in every second byte of the beginning: ASCII in two bytes. */
const utf16Of = (content: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | undefined => {
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return 'UTF-16LE';
  if (first === 0xfe && second === 0xff) return 'UTF-16BE';
  const beginning = content.subarray(0, 64 - (64 % 2));
  if (beginning.length < 4) return undefined;
  const zeros = (offset: number) =>
    beginning.every((byte, index) => (index % 2 === offset ? byte === 0 : byte !== 0) || index >= content.length - 1);
  if (zeros(1)) return 'UTF-16LE';
  return zeros(0) ? 'UTF-16BE' : undefined;
};

const CR = 13;
const LF = 10;

const firstWindowsLine = (content: Uint8Array): number | undefined => {
  let line = 1;
  for (const [index, byte] of content.entries()) {
    if (byte !== LF) continue;
    if (content[index - 1] === CR) return line;
    line += 1;
  }
  // A last line without a line feed.
  return content.at(-1) === CR ? line : undefined;
};

/** Whether a file is a script by its beginning, in whatever encoding. */
export const looksLikeScript = (content: Uint8Array): boolean =>
  /^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\0?#\0?!/.test(Buffer.from(content.subarray(0, 8)).toString('latin1'));
