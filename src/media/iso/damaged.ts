import { IngotError } from '../../errors.ts';

/** `media.damaged`; `detail` says what is wrong, in our words where we know. */
export const damaged = (iso: string, detail: string, cause?: unknown): IngotError =>
  new IngotError('media.damaged', 'the file system of the ISO is damaged', {
    where: iso,
    detail,
    hint: 'Download it again, and compare its SHA-256 with the published one.',
    cause,
  });
