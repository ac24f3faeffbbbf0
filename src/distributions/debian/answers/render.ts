/** Answers for debian-installer: preseed.cfg, the files for Ingot's hooks, kernel arguments. */
import { join } from 'node:path';
import { accountsOf } from '../../../answers/accounts.ts';
import type { AnswerFile, HookContext } from '../../../answers/answer-set.ts';
import { type AnswerContext, type AnswerSet, contentNonce } from '../../../answers/answer-set.ts';
import { renderOwnTemplate, renderTemplate } from '../../../answers/ejs.ts';
import { installerArguments, targetArguments } from '../../../answers/kernel-arguments.ts';
import { projectFolder } from '../../../host/project.ts';
import { AUTOMATIC } from '../../../recipe/load/build-arguments.ts';
import { hostFile } from '../../../recipe/load/host-files.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { hookFiles, settingsFile } from './hook-files.ts';
import { PRESEED_ESCAPE, parsePreseed } from './preseed-value.ts';
import { templateValues } from './preseed-values.ts';

/** preseed.cfg.ejs and partials/. */
export const PRESEED_FOLDER = join(projectFolder, 'preseed');

export const renderForDebian = (recipe: Recipe, context: AnswerContext): AnswerSet => {
  const { files: hostFiles, delivery, mirrors } = context;
  const hooks: HookContext = { ...accountsOf(recipe, context), files: hostFiles, delivery, mirrors };
  const preseed = renderPreseed(recipe, context, hooks);
  const target = targetArguments(recipe);
  const files = [
    { path: 'preseed.cfg', mode: 0o600, content: preseed },
    ...hookFiles(recipe, hooks),
    ...lateCommand(preseed),
  ];
  const nonce = context.nonce ?? contentNonce([...files, settings(recipe, target, hooks, '')]);
  return {
    initrd: [...files, settings(recipe, target, hooks, nonce)].sort((one, other) => (one.path < other.path ? -1 : 1)),
    medium: [{ path: 'preseed.cfg', mode: 0o444, content: withoutHashes(preseed) }],
    installerArguments: installerArguments(ownArguments(delivery), recipe, context),
    targetArguments: target,
    nonce,
  };
};

const renderPreseed = (recipe: Recipe, context: AnswerContext, hooks: HookContext): string => {
  const own = recipe.answers.template;
  const values = templateValues(recipe, context, hooks);
  const options = { partials: [join(PRESEED_FOLDER, 'partials')], escape: PRESEED_ESCAPE };
  const text = own
    ? renderOwnTemplate(hostFile(context.folder, own.file), values, options)
    : renderTemplate(join(PRESEED_FOLDER, 'preseed.cfg.ejs'), values, options);
  parsePreseed(text);
  return text;
};

const settings = (recipe: Recipe, target: readonly string[], hooks: HookContext, nonce: string): AnswerFile => ({
  path: 'ingot/settings',
  mode: 0o644,
  content: settingsFile(recipe, target, hooks, nonce),
});

/** What late_command has to be when it arrives; a difference means that the format has changed it. */
const lateCommand = (preseed: string): AnswerFile[] => {
  const content = parsePreseed(preseed).findLast(({ name }) => name === 'preseed/late_command')?.value;
  return content ? [{ path: 'ingot/late_command', mode: 0o644, content }] : [];
};

/** The copy on the medium is for people; hashes and passphrases are in the initrd, where the installer needs them. */
const withoutHashes = (preseed: string): string =>
  preseed.replaceAll(
    /^(\s*\S+\s+(?:passwd\/\S*password|partman-crypto\/passphrase)\S*\s+\S+\s+)\S.*$/gm,
    '$1(not shown)',
  );

/**
 * A build is watched over the serial console, whose terminal is `dumb` so that the installer does not start screen(1)
 * there; a person in front of a machine sees the screen.
 */
const ownArguments = (delivery: boolean): readonly string[] => [
  ...AUTOMATIC,
  ...(delivery
    ? ['DEBIAN_FRONTEND=newt', 'console=ttyS0,115200', 'console=tty0']
    : ['DEBIAN_FRONTEND=text', 'TERM=dumb', 'console=ttyS0,115200']),
];
