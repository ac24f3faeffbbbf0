/** XML read in pieces by saxes: elements without their prefixes, no document type, nothing that expands. */
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { messageOf } from '../../errors.ts';
import { invalidFeed } from './feed-error.ts';
import { openFeed } from './open-feed.ts';

export interface XmlVisitor {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  /** `text` is what stands directly in it. */
  close(name: string, text: string): void;
}

const MOST_DEPTH = 200;
const MOST_TEXT = 2 ** 20;

/** Throws `vulns.feed-invalid`. */
export const readXml = async (path: string, visitor: XmlVisitor, signal?: AbortSignal): Promise<void> => {
  const parser = new SaxesParser();
  const texts: string[] = [];
  let fault: Error | undefined;
  const local = ({ name }: SaxesTagPlain): string => name.slice(name.indexOf(':') + 1);
  parser.on('error', (error) => {
    fault ??= error;
  });
  parser.on('doctype', () => {
    fault ??= new Error('it has a document type');
  });
  parser.on('opentag', (tag) => {
    texts.push('');
    if (texts.length > MOST_DEPTH) fault ??= new Error('its elements are too deep');
    visitor.open(local(tag), tag.attributes);
  });
  parser.on('text', (text) => {
    const at = texts.length - 1;
    if (at >= 0 && text.trim() !== '') texts[at] = `${texts[at]}${text}`;
    if ((texts[at]?.length ?? 0) > MOST_TEXT) fault ??= new Error('a text of more than a mebibyte');
  });
  parser.on('closetag', (tag) => visitor.close(local(tag), (texts.pop() ?? '').trim()));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of openFeed(path, signal)) {
      parser.write(decoder.decode(piece, { stream: true }));
      if (fault) break;
    }
    if (!fault) parser.write(decoder.decode()).close();
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      fault ??= error;
    else throw error;
  }
  if (fault) throw invalidFeed(path, messageOf(fault), fault);
};
