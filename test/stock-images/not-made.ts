/** Why an image cannot be made on this host or from this mirror. A test that needs it skips with this as its reason. */
import { IngotError } from '../../src/errors.ts';
import { skipReason as mirrorReason } from '../real-installer/incomplete.ts';

export class NotMade extends IngotError {
  constructor(name: string, why: string, hint: string, detail?: string) {
    super('stock-images.not-made', `the image ${name} cannot be made here: ${why}`, {
      hint,
      ...(detail === undefined ? {} : { detail }),
    });
  }
}

/** Why a test cannot run here today; undefined for an error that it has to fail with. */
export const skipReason = (error: unknown): string | undefined =>
  error instanceof NotMade ? `${error.message} (${error.hint})` : mirrorReason(error);
