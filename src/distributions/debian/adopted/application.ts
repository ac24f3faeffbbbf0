/**
 * What a recipe says, as it is applied to a Debian that is there already (installer/image/apply.sh): the same words as in an
 * installation, and the same files where there are some. What the recipe does not say stays as it is.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountsOf, sudoFile, usersFile } from '../../../answers/accounts.ts';
import type { AnswerFile } from '../../../answers/answer-set.ts';
import { consoleArguments } from '../../../answers/kernel-arguments.ts';
import { projectFolder } from '../../../host/project.ts';
import type { LoadedRecipe } from '../../../recipe/load.ts';
import type { Application } from '../../distribution.ts';
import { aptSources, keyFiles } from '../answers/system-sources.ts';
import { cloudFiles, keyboardFiles, nameFiles } from '../answers/target-files.ts';
import { wantedByAnswers } from './wanted.ts';

export const application = async (loaded: LoadedRecipe): Promise<Application> => ({
  files: [...filesOf(loaded), await hostKeysUnit()],
  script: (await Promise.all(PARTS.map((part) => readFile(join(projectFolder, 'installer', part), 'utf8')))).join('\n'),
});

const PARTS = ['hooks/ingot/users.sh', 'hooks/ingot/identity.sh', 'hooks/ingot/time-servers.sh', 'image/apply.sh'];

const HOST_KEYS = 'ssh-host-keys.service';

const hostKeysUnit = async (): Promise<AnswerFile> => ({
  path: HOST_KEYS,
  mode: 0o644,
  content: await readFile(
    join(projectFolder, 'installer', 'hooks', 'ingot', 'system', 'etc', 'systemd', 'system', HOST_KEYS),
    'utf8',
  ),
});

const filesOf = (loaded: LoadedRecipe): AnswerFile[] => {
  const { recipe, stated, files } = loaded;
  const { answers } = recipe;
  const says = (...fields: readonly (keyof typeof answers)[]): boolean =>
    fields.some((field) => stated.has(`answers.${field}`));
  const { root, users } = accountsOf(recipe, loaded);
  const written = [
    ...(says('hostname', 'domain') ? nameFiles(answers) : []),
    ...(says('keyboard') ? keyboardFiles(answers) : []),
    ...(says('cloudInit', 'cloudDatasources') ? cloudFiles(answers) : []),
    ...(says('repositories')
      ? [...keyFiles(recipe, files, undefined)].map(([path, content]) => ({ path, mode: 0o644, content }))
      : []),
  ];
  const settings = {
    hostname: says('hostname') ? answers.hostname : '',
    locale: says('locale') ? answers.locale : '',
    timezone: says('timezone') ? answers.timezone : '',
    ntp_servers: answers.ntpServers.join(' '),
    consoles: says('consoles') ? consoleArguments(answers.consoles).join(' ') : '',
    kernel_arguments: answers.kernelArguments.join(' '),
  };
  return [
    ...file('settings', lines(Object.entries(settings).map(([key, value]) => `${key}=${value}`))),
    ...file('apt.sources', says('repositories') ? aptSources(recipe, files, undefined) : ''),
    // A machine without a network has them on a medium of the build (installer/image/apply.sh).
    ...file('packages', recipe.machine.network === 'open' ? lines(wantedByAnswers(recipe)) : ''),
    ...file('users', usersFile(users), 0o600),
    ...file('root', answers.root.password === undefined ? '' : `root:${root.hash}\n`, 0o600),
    ...file('sudo', sudoFile(users)),
    ...[root, ...users].flatMap(({ name, keys }) => file(`ssh/${name}`, lines(keys))),
    ...written.map((one) => ({ ...one, path: `target/${one.path}` })),
  ];
};

const file = (path: string, content: string, mode = 0o644): AnswerFile[] =>
  content === '' ? [] : [{ path, mode, content }];

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
