/** What every configure step needs besides its own description. */

import type { Variables } from '../../recipe/schema/variables-schema.ts';
import type { SecretStore } from '../../recipe/secrets/secrets.ts';
import type { Reporter } from '../../report.ts';
import type { Session } from '../session.ts';

export interface StepContext {
  readonly session: Session;
  /** Where relative paths of the recipe start from. */
  readonly folder: string;
  readonly variables: Variables;
  readonly secrets: SecretStore;
  /** The install medium is in the machine's drive, and may serve as a package source. */
  readonly hasMedium: boolean;
  /** Limits of the recipe are multiplied by it (`Accelerator.factor`). */
  readonly factor: number;
  /** After a restart: what to wait for before the next step. */
  readonly settle?: (session: Session) => Promise<void>;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** Folder of the guest for what a step needs while it runs. In memory: nothing of it reaches the disk. */
export const GUEST_FOLDER = '/run/ingot';
