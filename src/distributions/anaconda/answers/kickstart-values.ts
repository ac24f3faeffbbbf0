/** The names that a kickstart template can use; docs/kickstart.md lists them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessUnit, patienceGenerator } from '../../../access/access.ts';
import { sudoFile } from '../../../answers/accounts.ts';
import type { HookContext } from '../../../answers/answer-set.ts';
import { diskSelector } from '../../../answers/disk-selector.ts';
import { scriptText } from '../../../answers/installer-script.ts';
import { targetArguments } from '../../../answers/kernel-arguments.ts';
import { networkWords } from '../../../answers/network/installer-network.ts';
import { connectionFiles } from '../../../answers/network/network-manager.ts';
import { shellQuote } from '../../../host/command-line.ts';
import type { Variables } from '../../../recipe/schema/variables-schema.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import type { SecretStore } from '../../../recipe/secrets/secrets.ts';
import { type PlannedPartition, planPartitions, volumeName } from '../../../recipe/values/disk-layout.ts';
import { type Keyboard, keyboardOf } from '../../../recipe/values/keyboard.ts';
import { dnfWord, wishOf } from '../../../recipe/values/package-wish.ts';
import { KICKSTART_FOLDER, kickstartReleaseOf } from './kickstart.ts';
import type { ScriptLines } from './kickstart-value.ts';

/**
 * recipe, answers, accounts, delivery, values, variables: as for preseed · release: `rhel-9` · hostname: with domain ·
 * packages, services: names · switches: options of XKB that change layouts · languages: for --inst-langs · partitions {kind, name, mebibytes, mount?, filesystem?, isVolume?} ·
 * volumesMebibytes, passphrase? · networkWords: of the installer's own `network` command · connections {name, content: whole lines} ·
 * kernelArguments: one line · repositories · files {disk, port, door?, sudoers?, early?, late?}: whole lines
 */
export const kickstartValues = (
  recipe: Recipe,
  { variables, secrets }: { readonly variables: Variables; readonly secrets: SecretStore },
  hooks: HookContext,
): Record<string, unknown> => {
  const { answers } = recipe;
  const [first] = hooks.users;
  const planned = planPartitions(recipe);
  return {
    recipe,
    answers,
    accounts: { root: hooks.root, users: hooks.users, ...(first === undefined ? {} : { first }) },
    delivery: hooks.delivery,
    release: kickstartReleaseOf(recipe),
    hostname: answers.domain === '' ? answers.hostname : `${answers.hostname}.${answers.domain}`,
    packages: packagesOf(recipe),
    services: ['sshd'],
    keyboard: kickstartKeyboard(keyboardOf(answers.keyboard)),
    switches: keyboardOf(answers.keyboard).options,
    languages: answers.locale.replace(/[.@].*/, ''),
    partitions: planned.map((partition) => ({
      isVolume: false,
      ...partition,
      name: volumeName(partition),
      mebibytes: inMiB(partition),
    })),
    volumesMebibytes: planned.filter(({ isVolume }) => isVolume).reduce((sum, one) => sum + inMiB(one), VOLUME_GROUP),
    ...(answers.disk.passphrase === undefined ? {} : { passphrase: secrets.get(answers.disk.passphrase) }),
    kernelArguments: targetArguments(recipe).join(' '),
    repositories: answers.repositories ?? [],
    networkWords: networkWords(answers.network),
    connections: connectionFiles(answers.network).map(({ name, content }) => ({ name, content: { lines: content } })),
    files: filesOf(recipe, hooks),
    values: answers.template?.values ?? {},
    variables,
  };
};

/** As pykickstart writes a layout with a variant: `us (intl)`. */
const kickstartKeyboard = ({ layout, variant }: Keyboard): string =>
  variant === '' ? layout : `${layout} (${variant})`;

const inMiB = ({ size }: PlannedPartition): number => Math.ceil(size / 2 ** 20);
/** What a volume group takes for itself, with the rounding of its volumes to extents of 4 MiB. */
const VOLUME_GROUP = 64;

/** What the answers imply, and what they name. */
const packagesOf = ({ answers, configure }: Recipe): readonly string[] => {
  const implied = [
    'openssh-server',
    ...(answers.users.some(({ sudo }) => sudo !== 'none') ? ['sudo'] : []),
    ...(answers.ntpServers.length > 0 ? ['chrony'] : []),
    ...(answers.guestAgent ? ['qemu-guest-agent'] : []),
    ...(answers.cloudInit ? ['cloud-init', 'cloud-utils-growpart'] : []),
    ...(configure.some((step) => 'ansible' in step) ? ['python3'] : []),
  ];
  const wishes = answers.packages.map(wishOf);
  return [
    ...new Set([...implied.filter((name) => !wishes.some((wish) => wish.name === name)), ...wishes.map(dnfWord)]),
  ].sort();
};

const filesOf = (recipe: Recipe, { users, files, delivery }: HookContext): Readonly<Record<string, ScriptLines>> => {
  const { answers } = recipe;
  const selector = delivery ? diskSelector(recipe) : 'only';
  const texts = {
    disk: `selector=${shellQuote(selector)}\n${readFileSync(join(KICKSTART_FOLDER, 'disk.sh'), 'utf8')}`,
    port: readFileSync(join(KICKSTART_FOLDER, 'port.sh'), 'utf8'),
    door: delivery ? undefined : accessUnit(),
    patience: delivery ? undefined : patienceGenerator(),
    sudoers: sudoFile(users)
      .split('\n')
      .flatMap((line) => sudoRule(line))
      .join('\n'),
    early: scriptText(answers.early, files),
    late: scriptText(answers.late, files),
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, lines]) => (lines === undefined || lines === '' ? [] : [[name, { lines }]])),
  );
};

/** sudoers(5) */
const sudoRule = (line: string): string[] => {
  const [user, kind] = line.split(' ');
  return user === undefined || kind === undefined
    ? []
    : [`${user} ALL=(ALL:ALL) ${kind === 'nopasswd' ? 'NOPASSWD: ' : ''}ALL`];
};
