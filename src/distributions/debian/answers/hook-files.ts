/**
 * The files that Ingot's hooks find under /ingot in the initrd (installer/README.md): what preseed has no question
 * for. What stands under /ingot/target is copied over the installed system as it is.
 */

import { accessUnit, patienceGenerator } from '../../../access/access.ts';
import { sudoFile, usersFile } from '../../../answers/accounts.ts';
import type { AnswerFile, HookContext } from '../../../answers/answer-set.ts';
import { diskSelector } from '../../../answers/disk-selector.ts';
import { scriptText } from '../../../answers/installer-script.ts';
import { connectionFiles } from '../../../answers/network/network-manager.ts';
import { isAssembled } from '../../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { isUsualKeyboard } from '../../../recipe/values/keyboard.ts';
import { requestedPackages } from '../archive/implied.ts';
import { networkFile, networkFiles } from './networkd.ts';
import { arrays, partmanMethod } from './partman-recipe.ts';
import { aptSources, keyFiles } from './system-sources.ts';
import { cloudFiles, keyboardFiles, nameFiles } from './target-files.ts';

const file = (path: string, content: string | undefined, mode = 0o644): AnswerFile[] =>
  content === undefined || content === '' ? [] : [{ path, mode, content }];

/** All but `settings`, whose nonce depends on the rest. */
export const hookFiles = (recipe: Recipe, { root, users, files, delivery, mirrors }: HookContext): AnswerFile[] => {
  const { answers } = recipe;
  return [
    ...file('ingot/apt.sources', aptSources(recipe, files, mirrors)),
    ...file('ingot/network', networkFile(answers.network)),
    ...networkFiles(answers.network).flatMap(({ name, content }) => file(`ingot/networks/${name}`, content)),
    ...connectionFiles(answers.network).flatMap(({ name, content }) =>
      file(`ingot/connections/${name}.nmconnection`, content, 0o600),
    ),
    ...file('ingot/packages', askedPackages(recipe)),
    ...file('ingot/door.service', delivery ? undefined : accessUnit()),
    ...file('ingot/patience.sh', delivery ? undefined : patienceGenerator(), 0o755),
    ...file('ingot/users', usersFile(users), 0o600),
    ...file('ingot/sudo', sudoFile(users)),
    ...[root, ...users].flatMap(({ name, keys }) => file(`ingot/ssh/${name}`, keys.map((key) => `${key}\n`).join(''))),
    ...file('ingot/early', scriptText(answers.early, files), 0o755),
    ...file('ingot/late', scriptText(answers.late, files), 0o755),
    ...[...keyFiles(recipe, files, mirrors)].flatMap(([path, key]) => file(`ingot/target/${path}`, key)),
    ...targetFiles(recipe),
  ];
};

/**
 * What the recipe asks for, one name a line: an installer also adds packages for the hardware it runs on, which are not wanted.
 * Not for an assembled medium, which has no others anyway, nor for an answer file of the user's, which may rely on them.
 */
const askedPackages = (recipe: Recipe): string | undefined => {
  const { origin, answers } = recipe;
  if (isAssembled(origin) || answers.template !== undefined) return undefined;
  const names = requestedPackages(recipe).install.map(({ name }) => name);
  const firmware = (answers.firmware ?? 'never') === 'never' ? [] : ['amd64-microcode', 'intel-microcode'];
  return [...new Set([...names, ...firmware])]
    .sort()
    .map((name) => `${name}\n`)
    .join('');
};

/** Files of the installed system that no question and no package writes as the recipe says. */
const targetFiles = ({ answers }: Recipe): AnswerFile[] =>
  [
    ...nameFiles(answers),
    ...(isUsualKeyboard(answers.keyboard) ? [] : keyboardFiles(answers)),
    ...(answers.cloudInit ? cloudFiles(answers) : []),
  ].map((one) => ({ ...one, path: `ingot/target/${one.path}` }));

/** `key=value` lines of /ingot/settings. */
export const settingsFile = (
  recipe: Recipe,
  targetArguments: readonly string[],
  { delivery }: HookContext,
  nonce: string,
): string => {
  const { answers } = recipe;
  const serial = answers.consoles.map((console) => /^ttyS\d+(?:,(\d+))?/.exec(console)).find((match) => match !== null);
  const settings = {
    nonce,
    disk: delivery ? diskSelector(recipe) : 'only',
    network: answers.cloudInit ? 'cloud' : 'dhcp',
    // What lies in volumes or arrays does not grow by itself, and is started by the installer's own GRUB.
    grow: answers.disk.layout === 'plain' ? 'yes' : 'no',
    boot_loader: answers.disk.layout === 'plain' ? 'ingot' : 'installer',
    added_packages: recipe.media.packages.length > 0 ? 'yes' : 'no',
    volumes: partmanMethod(recipe) === 'regular' || answers.disk.layout === 'raid1' ? 'no' : 'yes',
    ...(answers.disk.layout === 'raid1' ? { arrays: arrays(recipe) } : {}),
    build_access: delivery ? 'no' : 'yes',
    kernel_arguments: targetArguments.join(' '),
    grub_terminal: serial ? 'console serial' : 'console',
    serial_speed: serial?.[1] ?? '115200',
    quick_scripts: recipe.tuning.skip.includes('quick-scripts') ? 'no' : 'yes',
    locale: answers.locale,
    timezone: answers.timezone,
    ntp_servers: answers.ntpServers.join(' '),
  };
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
};
