/** `ingot explain`: which stages a build would run, and why. */
import { resolve } from 'node:path';
import type { Change, Explanation } from '../pipeline/explain.ts';
import type { Json } from '../pipeline/stage.ts';
import { changedPaths } from '../recipe/load/changed-paths.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { type HostMatch, ID_KINDS } from '../recipe/schema/hosts-schema.ts';
import { age } from '../ui/format.ts';
import { lockText } from './explain-lock.ts';
import { withStore, withVariables } from './options.ts';
import { print } from './print.ts';
import { interruptible } from './signals.ts';
import { verb } from './verb.ts';

export const explainCommand = () =>
  withStore(withVariables(verb('explain')))
    .argument('<recipe>', 'recipe file')
    .option('--json', 'print JSON', false)
    .option('--offline', 'do not ask the mirror which updates a rebuild would take', false)
    .addHelpText('after', '\nExample:\n  ingot explain my-image.yaml')
    .action(async (path, options) => {
      const { loadVariants } = await import('../recipe/load.ts');
      const { explainBuild } = await import('../pipeline/explain.ts');
      const { imageStages, makeImage } = await import('../plan.ts');
      const { slimText } = await import('./explain-slim.ts');
      const { defaultStoreFolder, openStore } = await import('../pipeline/store.ts');
      using interruption = interruptible();
      const builds = await loadVariants(path, { variables: options.var, env: process.env });
      const { requireBuildable } = await import('../stages/preflight.ts');
      for (const { recipe } of builds) await requireBuildable(recipe);
      const store = await openStore(resolve(options.store ?? defaultStoreFolder()));
      for (const loaded of builds) {
        const found = await explainBuild(store, imageStages(loaded), (walker) => makeImage(loaded, walker));
        if (builds.length > 1 && !options.json) print(`${loaded.recipe.name}\n`);
        print(options.json ? `${JSON.stringify(found, null, 2)}\n` : found.map(text).join(''));
        if (options.json) continue;
        print(await slimText(store, loaded.recipe, interruption.signal));
        print(hostsText(loaded));
        print(await lockText(store, loaded));
        const { rebuildText } = await import('./explain-updates.ts');
        print(await rebuildText(store, loaded, { isOffline: options.offline, signal: interruption.signal }));
      }
    });

/** What is different for each host on a medium; the image is for none of them. */
const hostsText = ({ recipe, hosts }: LoadedRecipe): string => {
  if (hosts.length === 0) return '';
  const lines = hosts.map((host) => {
    const changes = changedPaths(recipe.answers, host.loaded.recipe.answers).map((path) => `answers.${path}`);
    return `  ${host.name.padEnd(15)}${idsText(host.match)}\n${' '.repeat(17)}${changes.join(', ') || 'nothing of its own'}\n`;
  });
  return `hosts of its media\n${lines.join('')}`;
};

const idsText = (match: HostMatch): string =>
  ID_KINDS.flatMap((kind) => (match[kind] === undefined ? [] : [`${kind} ${match[kind].join(' or ')}`])).join(', ');

const text = (found: Explanation): string => `${found.stage.padEnd(17)}${stateText(found)}${behindText(found)}\n`;

const behindText = (found: Explanation): string =>
  'behind' in found ? `\n    goes on from the checkpoint after ${found.behind}` : '';

const stateText = (found: Explanation): string => {
  switch (found.state) {
    case 'cached':
      return `unchanged, made ${age(Date.now() - found.made)}`;
    case 'new':
      return 'runs: never made in this store';
    case 'waits':
      return 'runs after those above, or is found when they make the same again';
    case 'changed':
      return found.changes.length === 0
        ? `runs: the result made ${age(Date.now() - found.made)} is damaged`
        : `runs: differs from the result made ${age(Date.now() - found.made)} in\n${found.changes.map(changeText).join('\n')}`;
  }
};

const changeText = ({ place, before, now }: Change): string => `    ${place}: ${valueText(before)} → ${valueText(now)}`;

const DIGEST = /^[0-9a-f]{64}$/;

/** The start of a digest tells two of them apart. */
const valueText = (value: Json | undefined): string => {
  if (value === undefined) return '(nothing)';
  const shown = typeof value === 'string' && DIGEST.test(value) ? `${value.slice(0, 12)}…` : JSON.stringify(value);
  return shown.length > 100 ? `${shown.slice(0, 99)}…` : shown;
};
