/** Which updates a build of today would take, for `ingot explain`: the image of an earlier build held against the indexes of today. */
import { join } from 'node:path';
import { z } from 'zod';
import { distributionOf } from '../distributions/find.ts';
import { IngotError } from '../errors.ts';
import type { Store } from '../pipeline/store.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { silentReporter } from '../report.ts';
import { indexesOf } from '../stages/origin/mirrors.ts';
import { age } from '../ui/format.ts';
import type { KnownUpdates } from '../vulns/updates.ts';
import { counted } from './image/columns.ts';

const installed = z.object({
  name: z.string(),
  version: z.string(),
  architecture: z.string(),
  source: z.string(),
  sourceVersion: z.string(),
});
const captured = z.object({ packages: z.array(installed) });

/** Empty where the store has no image of this name, or its family's indexes are not read. */
export const rebuildText = async (
  store: Store,
  loaded: LoadedRecipe,
  options: { readonly isOffline: boolean; readonly signal: AbortSignal },
): Promise<string> => {
  const { recipe } = loaded;
  const earlier = await earlierPackages(store, recipe.name);
  const source = await (await distributionOf(recipe)).image.updates?.();
  if (earlier === undefined || source === undefined) return '';
  const unknown = (why: string) => line(`which updates a rebuild would take is not known: ${why}`);
  if (options.isOffline) return unknown('the mirror is not asked (--offline)');
  const wish = {
    release: recipe.os.release,
    components: [],
    suites: [],
    ...indexesOf(loaded),
  };
  const folders = { state: join(store.shared('host'), 'apt'), packages: store.shared('packages') };
  try {
    const context = { reporter: silentReporter, signal: options.signal };
    return line(rebuildSentence(await source.known(earlier.packages, wish, folders, context), earlier.made));
  } catch (error) {
    if (!(error instanceof IngotError) || error.code === 'interrupted') throw error;
    return unknown(error.message);
  }
};

const line = (text: string): string => `updates          ${text}\n`;

/** `a rebuild takes 4 security updates (6 CVEs) and 2 others, compared with the image made 3 days ago` */
export const rebuildSentence = ({ updates, changelogs }: KnownUpdates, made: number): string => {
  const security = updates.filter(({ isSecurity }) => isSecurity);
  const others = updates.length - security.length;
  const cves = new Set(changelogs.flatMap((one) => one.cves)).size;
  const when = `compared with the image made ${age(Date.now() - made)}`;
  if (updates.length === 0) return `a rebuild today takes no updates, ${when}`;
  const beside = others === 0 ? '' : ` and ${counted(others, 'other')}`;
  return `a rebuild today takes ${counted(security.length, 'security update')} (${counted(cves, 'CVE')})${beside}, ${when}`;
};

const earlierPackages = async (store: Store, name: string) => {
  const known = (await store.keys('capture')).filter(({ key }) => key['name'] === name);
  for (const { key, made } of known.toSorted((one, other) => other.made - one.made)) {
    const found = captured.safeParse((await store.find('capture', store.storedDigest('capture', key)))?.out).data;
    if (found !== undefined) return { packages: found.packages, made };
  }
  return undefined;
};
