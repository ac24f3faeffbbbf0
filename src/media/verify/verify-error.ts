import { IngotError } from '../../errors.ts';
import type { Medium } from '../iso/medium.ts';

export const NOT_TO_BE_USED =
  'Do not use this medium. Is the original whole (`ingot media verify ISO`), and the disk in order (dmesg)? Then make it again.';

/** `media.verify-WHAT`: the medium HOW, and the first of the problems. */
export const verifyError = (
  what: 'boot' | 'files' | 'sums',
  { iso }: Medium,
  how: string,
  problems: readonly string[],
) =>
  new IngotError(`media.verify-${what}`, `the medium ${how}`, {
    where: iso,
    detail: problems.slice(0, 20).join('\n'),
    hint: NOT_TO_BE_USED,
  });
