/**
 * Files below /tmp that are included: nothing is there when the installer starts, so a %pre section has to write them.
 * Only clear cases are reported: a script that is fetched, or that makes up names, may write anything.
 */

import { shown } from '../findings.ts';
import type { Include } from '../kickstart-document.ts';
import type { CheckContext } from './check-context.ts';
import { isWholeKickstart } from './essentials.ts';

const isTemporary = ({ path }: Include): boolean => /^\/tmp\/[\w./-]+$/.test(path.text);

/** Fetches or copies something, runs what stands elsewhere, or names a file by a variable. */
const OPAQUE =
  /\b(curl|wget|source|eval|tftp|cp|mv|install|tar|unzip|scp|rsync|mount|python[\d.]*|perl|ruby|awk|xargs)\b|\b(ba|da|k|z)?sh\s+[^-\s]|(^|[;&|(]\s*)(\.\s|\.?\/)|\/tmp\/?\S*[$`*?{%]|>\s*["']?\$|\btee\s+(-a\s+)?["']?\$|\b(cd|chdir|pushd)\s+\/tmp|^#!(?!\s*\/(usr\/)?bin\/(ba)?sh)/m;

export const checkGeneratedIncludes = (context: CheckContext): void => {
  const { document, tell } = context;
  const { unread, sections } = document;
  if (unread.length === 0 || !unread.every(isTemporary)) return;
  const before = sections.filter(({ name }) => name.text === '%pre');
  const script = before.flatMap(({ body }) => body.map(({ text }) => text)).join('\n');
  const isShell = before.every(
    ({ words }) => !words.some(({ text }) => text.startsWith('--interp') && !/sh$/.test(text)),
  );
  // A part of a file may leave the writing to another part.
  const isAll = script.includes('/tmp/') || isWholeKickstart(context);
  if (!isAll || !isShell || OPAQUE.test(script)) return;
  for (const { line, path } of unread)
    if (!script.includes(path.text.slice(path.text.lastIndexOf('/') + 1)))
      tell('include-unwritten', line, path, `no %pre section writes ${shown(path.text)}: the installer cannot read it`);
};
