/** The names that a preseed template can use; docs/templates.md lists them. */

import type { HookContext } from '../../../answers/answer-set.ts';
import { netcfgOf } from '../../../answers/network/installer-network.ts';
import { installerMirror, installerProxy, isAssembled } from '../../../recipe/schema/origin-schema.ts';
import type { Variables } from '../../../recipe/schema/variables-schema.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import type { SecretStore } from '../../../recipe/secrets/secrets.ts';
import { DEBIAN_RELEASES } from '../../../recipe/values/debian-releases.ts';
import { keyboardOf } from '../../../recipe/values/keyboard.ts';
import { aptWord, wishOf, withoutRepeated } from '../../../recipe/values/package-wish.ts';
import { requestedPackages } from '../archive/implied.ts';
import { taskPackage } from '../archive/tasks.ts';
import { partmanMethod, partmanRecipe } from './partman-recipe.ts';
import { isForInstaller } from './user-setup.ts';

/** What it says on stderr goes into the installer's log; stdout is debconf's. */
const EARLY = 'log-output -t early --pass-stdout /ingot/early';

export interface ValueContext {
  readonly variables: Variables;
  readonly secrets: SecretStore;
}

/**
 * recipe, answers (its part) · accounts {root, first?, users}: name, fullName, hash, … · assembled, delivery: booleans ·
 * partmanMethod, partmanRecipe, passphrase? · keyboard {layout, variant} · packages: names to install, those of tasks left out · installer {mirror?:
 * {protocol, host, directory, suite, proxy?}, address?: {address, netmask, gateway, nameservers}} · firmware · commands {early?, late?}: what calls the user's scripts · values: of the
 * recipe's own template · variables
 */
export const templateValues = (
  recipe: Recipe,
  { variables, secrets }: ValueContext,
  hooks: HookContext,
): Record<string, unknown> => {
  const { answers } = recipe;
  const [first] = hooks.users;
  return {
    recipe,
    answers,
    accounts: { root: hooks.root, users: hooks.users, ...(isForInstaller(first) ? { first } : {}) },
    assembled: isAssembled(recipe.origin),
    delivery: hooks.delivery,
    partmanMethod: partmanMethod(recipe),
    partmanRecipe: partmanRecipe(recipe),
    ...(answers.disk.passphrase === undefined ? {} : { passphrase: secrets.get(answers.disk.passphrase) }),
    keyboard: keyboardOf(answers.keyboard),
    packages: packagesOf(recipe),
    installer: installerValues(recipe),
    firmware: answers.firmware ?? 'never',
    commands: {
      ...(answers.early === undefined ? {} : { early: EARLY }),
      ...(answers.late === undefined ? {} : { late: '/ingot/late' }),
    },
    values: answers.template?.values ?? {},
    variables,
  };
};

/** The tasks' own packages are left to tasksel, where there is one. */
const packagesOf = (recipe: Recipe): string[] => {
  const tasks = recipe.answers.tasks.map(taskPackage);
  const names = withoutRepeated(requestedPackages(recipe).install).map(aptWord);
  return [...new Set(names)].filter((name) => isAssembled(recipe.origin) || !tasks.includes(name)).sort();
};

/** The installer's own network: without a mirror it needs none. */
const servicesFor = (words: readonly string[]): string[] => [
  ...new Set(words.flatMap((word) => /-(backports|updates|security)$/.exec(wishOf(word).suite ?? '')?.[1] ?? [])),
];

const installerValues = ({ origin, os, answers }: Recipe): Record<string, unknown> => {
  const [mirror, proxy] = [installerMirror(origin), installerProxy(origin)];
  if (mirror === undefined) return {};
  const { protocol, host, pathname } = new URL(mirror);
  return {
    mirror: {
      protocol: protocol.replace(':', ''),
      host,
      directory: pathname.replace(/(?<=.)\/$/, ''),
      suite: DEBIAN_RELEASES[os.release],
      // As apt-setup calls them: `bookworm-backports` is its service `backports`.
      services: servicesFor(answers.packages),
      ...(proxy === undefined ? {} : { proxy }),
    },
    ...netcfgOf(answers.network),
  };
};
