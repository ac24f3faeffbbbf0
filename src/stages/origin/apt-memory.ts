/** What apt remembers from one build to the next, of repositories that a recipe adds packages from. */
import { join } from 'node:path';
import { NEWEST } from '../../distributions/debian/archive/newest-seen.ts';
import type { StageContext } from '../../pipeline/stage.ts';

export const aptMemory = (shared: StageContext['shared'], allowOlder: boolean) => ({
  /** The newest index of each. */
  seen: { folder: join(shared('host'), 'apt', NEWEST), allowOlder },
  /** Its files. */
  lists: join(shared('host'), 'apt', 'added'),
});
