/**
 * Files below /tmp that are included: nothing is there when the installer starts, so a %pre section has to write them.
 * Only what is plain is told: a script that is fetched, or that makes up names, may write anything.
 */
import type { Include } from '../document.ts';
import { shown } from '../findings.ts';
import type { CheckContext } from './context.ts';
import { isWhole } from './essentials.ts';

const isTemporary = ({ path }: Include): boolean => /^\/tmp\/[\w./-]+$/.test(path.text);

/** Runs what stands elsewhere, or names a file by a variable. */
const OPAQUE =
  /\b(curl|wget|source|eval|tftp|cp|mv|install|tar|unzip)\b|(^|[;&|]\s*)\.\s|\/tmp\/?\S*[$`*?{%]|>\s*["']?\$|\b(cd|chdir)\s+\/tmp/m;

export const checkGeneratedIncludes = (context: CheckContext): void => {
  const { document, tell } = context;
  const { unread, sections } = document;
  if (unread.length === 0 || !unread.every(isTemporary)) return;
  const scripts = sections
    .filter(({ name }) => name.text === '%pre')
    .map(({ body }) => body.map(({ text }) => text).join('\n'));
  const script = scripts.join('\n');
  const isPlain = scripts.length === 0 ? isWhole(context) : script.includes('/tmp/') && !OPAQUE.test(script);
  if (!isPlain) return;
  for (const { line, path } of unread)
    if (!script.includes(path.text.slice(path.text.lastIndexOf('/') + 1)))
      tell('include-unwritten', line, path, `no %pre section writes ${shown(path.text)}: the installer cannot read it`);
};
