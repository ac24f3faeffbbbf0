/** An error as people read it: what, where, why, and what to do next. */
import type { ErrorShape } from '../pipeline/events.ts';

export const describeError = (error: ErrorShape, evidence?: string): string => {
  const parts = [
    `error: ${error.message}  [${error.code}]`,
    error.where === undefined ? undefined : ` where: ${error.where}`,
    error.detail === undefined ? undefined : indent(error.detail),
    error.hint === undefined ? undefined : `  next: ${error.hint}`,
    evidence === undefined ? undefined : `  seen: ${evidence}`,
  ];
  return parts.filter((part) => part !== undefined).join('\n');
};

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
