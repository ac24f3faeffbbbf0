/** `result.json`: what a stage returned, and its digest, so that a damaged one is not believed. */
import { canonicalJson } from '../canonical-json.ts';
import { sha256 } from '../host/files.ts';
import { fromStored, toStored } from './result-files.ts';

/** `out` is plain data and `FileRef`s. */
export const resultText = (out: unknown): string => {
  const stored = toStored(out);
  return `${JSON.stringify({ out: stored, sha256: digestOf(stored) }, null, 2)}\n`;
};

const digestOf = (out: unknown): string => sha256(canonicalJson(out ?? null));

/** Undefined when the text is not what `resultText` wrote. */
export const parseResult = (text: string): { readonly out: unknown } | undefined => {
  const stored = parsed(text);
  if (typeof stored !== 'object' || stored === null || !('sha256' in stored)) return undefined;
  const out = 'out' in stored ? stored.out : undefined;
  return digestOf(out) === stored.sha256 ? { out: fromStored(out) } : undefined;
};

/** Undefined when it is not JSON. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
