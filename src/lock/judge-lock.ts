/** `ingot lock --check`: whether a recipe's lock fits it, without a look at any mirror. */
import { counted } from '../counted.ts';
import { type Judged, type Judgement, type Verdict, verdictOf } from '../judgement.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { misfits } from './fit.ts';
import { readLockFile } from './frozen-recipe.ts';

export const judgeLock = async (path: string, all: readonly LoadedRecipe[]): Promise<Judgement> => {
  const lock = await readLockFile(path);
  const verdicts: Verdict[] = [];
  const found: Judged[] = [];
  const facts: string[] = [];
  for (const loaded of all) {
    const { name } = loaded.recipe;
    const build = lock?.builds[name];
    if (build === undefined) {
      const message = lock === undefined ? 'there is no lock' : `the lock has no build ${name}`;
      found.push({ rule: 'lock/missing', verdict: 'unjudged', message, hint: '`ingot lock` writes it.' });
      verdicts.push('unjudged');
      continue;
    }
    const differing = await misfits(loaded, build);
    found.push(...differing);
    verdicts.push(differing.length === 0 ? 'holds' : 'fails');
    const { archive, files } = build;
    const packages = archive === undefined ? '' : `${archive.packages.length} packages, `;
    facts.push(`${name}: ${packages}${counted(files.length, 'file')} of the host compared`);
  }
  return { check: 'lock', verdict: verdictOf(verdicts), facts, found };
};
