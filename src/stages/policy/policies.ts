/** The policies that a recipe names, read from its folder or from those that come with Ingot. */
import { IngotError } from '../../errors.ts';
import { type ReadPolicy, readPolicy } from '../../policy/read-policy.ts';
import { isReady } from '../../policy/ready.ts';
import { hostFile } from '../../recipe/load/host-files.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { requireFeedIndex } from '../../vulns/feeds/feed-index.ts';
import { asksForFeeds } from '../../vulns/policy.ts';

/** Throws what `readPolicy` throws. */
export const policiesOf = ({ recipe, folder }: LoadedRecipe): Promise<ReadPolicy[]> =>
  Promise.all([...new Set(recipe.policy)].map((name) => readPolicy(isReady(name) ? name : hostFile(folder, name))));

/** Before an hour of work ends at a question that nothing here can answer. Throws `policy.no-feeds`, or what reading their list throws. */
export const requireFeeds = async (policies: readonly ReadPolicy[], feeds: string | undefined): Promise<void> => {
  const asking = policies.find(
    ({ policy: { vulnerabilities } }) => vulnerabilities !== undefined && asksForFeeds(vulnerabilities),
  );
  if (asking === undefined) return;
  if (feeds !== undefined) {
    await requireFeedIndex(feeds);
    return;
  }
  throw new IngotError('policy.no-feeds', 'the policy asks for known vulnerabilities, and no feeds are named', {
    where: asking.name,
    hint: 'Name a folder that `ingot vulns fetch` has written: --feeds FOLDER.',
  });
};
