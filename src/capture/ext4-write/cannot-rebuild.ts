/** A file system that has something in it which is not written by ourselves. */
import { IngotError } from '../../errors.ts';

export const cannotRebuild = (message: string, detail?: string): IngotError =>
  new IngotError('capture.cannot-rebuild', message, {
    where: 'capture.reproducible',
    ...(detail === undefined ? {} : { detail }),
    hint: 'docs/reproducible.md says what can be rebuilt; leave `capture.reproducible` out for an image as it was installed.',
  });
