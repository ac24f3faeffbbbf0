/** Which updates a build of today would take, for `ingot explain`: the image of an earlier build held against the indexes of today. */

import { join } from 'node:path';
import { z } from 'zod';
import { counted } from '../../counted.ts';
import { distributionOf } from '../../distributions/find.ts';
import { IngotError } from '../../errors.ts';
import type { Store } from '../../pipeline/store.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { silentReporter } from '../../report.ts';
import { indexesOf } from '../../stages/origin/mirrors.ts';
import { age } from '../../ui/format.ts';
import type { KnownUpdates, Update } from '../../vulns/updates.ts';
import { earlierCapture } from './earlier.ts';

/** `made`: when the image was that is compared. */
export type ExplainedUpdates =
  | {
      readonly made: number;
      readonly updates: readonly Pick<Update, 'name' | 'architecture' | 'from' | 'to' | 'isSecurity'>[];
      /** Named in the changelogs of the newer versions. */
      readonly cves: readonly string[];
    }
  /** Why no index was read. */
  | { readonly made: number; readonly unknown: string };

const installed = z.object({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  source: z.string(),
  sourceVersion: z.string(),
});
const captured = z.object({ packages: z.array(installed) });

/** Undefined where the store has no image of this name, or its family's indexes are not read. */
export const updatesOf = async (
  store: Store,
  loaded: LoadedRecipe,
  options: { readonly isOffline: boolean; readonly signal: AbortSignal },
): Promise<ExplainedUpdates | undefined> => {
  const { recipe } = loaded;
  const earlier = await earlierCapture(store, recipe.name, captured);
  const source = await (await distributionOf(recipe)).image.updates?.();
  if (earlier === undefined || source === undefined) return undefined;
  const { made } = earlier;
  if (options.isOffline) return { made, unknown: 'the mirror is not asked (--offline)' };
  const wish = {
    release: recipe.os.release,
    components: [],
    suites: [],
    ...indexesOf(loaded),
  };
  const folders = { state: join(store.shared('host'), 'apt'), packages: store.shared('packages') };
  try {
    const context = { reporter: silentReporter, signal: options.signal };
    return { made, ...toldUpdates(await source.known(earlier.captured.packages, wish, folders, context)) };
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'interrupted') throw error;
    return { made, unknown: error.message };
  }
};

export const toldUpdates = ({ updates, changelogs }: KnownUpdates) => ({
  updates: updates.map(({ name, architecture, from, to, isSecurity }) => ({
    name,
    architecture,
    from,
    to,
    isSecurity,
  })),
  cves: [...new Set(changelogs.flatMap((one) => one.cves))].sort(),
});

/** `a rebuild takes 4 security updates (6 CVEs) and 2 others, compared with the image made 3 days ago` */
export const updatesText = (found: ExplainedUpdates): string => `updates          ${sentence(found)}\n`;

const sentence = (found: ExplainedUpdates): string => {
  if ('unknown' in found) return `which updates a rebuild would take is not known: ${found.unknown}`;
  const { made, updates, cves } = found;
  const security = updates.filter(({ isSecurity }) => isSecurity);
  const others = updates.length - security.length;
  const when = `compared with the image made ${age(Date.now() - made)}`;
  if (updates.length === 0) return `a rebuild today takes no updates, ${when}`;
  const beside = others === 0 ? '' : ` and ${counted(others, 'other')}`;
  return `a rebuild today takes ${counted(security.length, 'security update')} (${counted(cves.length, 'CVE')})${beside}, ${when}`;
};
