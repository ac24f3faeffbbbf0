/**
 * From a recipe to everything the installer is told: preseed.cfg or ks.cfg, the files for Ingot's hooks, kernel arguments.
 * Nothing here depends on the clock, the host or the build: the same recipe gives the same bytes, so media can be made
 * again. The key that a build logs in with is never part of it.
 */
import { join } from 'node:path';
import { sha256 } from '../host/files.ts';
import { hostFile } from '../recipe/host-files.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { Recipe } from '../recipe/schema.ts';
import { accountsOf } from './accounts.ts';
import type { DebianMirrors } from './apt-sources.ts';
import { renderOwnTemplate, renderTemplate } from './ejs.ts';
import { type AnswerFile, type HookContext, hookFiles, settingsFile } from './hook-files.ts';
import { installerArguments, targetArguments } from './kernel-arguments.ts';
import { renderHooks, renderKickstart, withoutKickstartHashes } from './kickstart.ts';
import { kickstartValues } from './kickstart-values.ts';
import { PRESEED_ESCAPE, parsePreseed } from './preseed.ts';
import { templateValues } from './template-values.ts';

export interface AnswerContext extends Pick<LoadedRecipe, 'secrets' | 'files' | 'folder' | 'variables'> {
  /** A medium for other machines: no build access, the recipe's disk selector, a screen instead of a serial console. */
  readonly delivery: boolean;
  /** Where the finished system gets Debian's packages from; only needed when the recipe names no repositories. */
  readonly mirrors?: DebianMirrors | undefined;
  /** 16 to 64 of 0-9 a-f, repeated in the installer's success line; made from the content when absent. */
  readonly nonce?: string;
}

export interface AnswerSet {
  /** For the cpio that is appended to the initrd: preseed.cfg and what Ingot's hooks read; ks.cfg and ingot.ks. */
  readonly initrd: readonly AnswerFile[];
  /** Copies that are readable on the medium; without the files that hold password hashes. */
  readonly medium: readonly AnswerFile[];
  /** Kernel arguments before and after `---`. */
  readonly installerArguments: readonly string[];
  readonly targetArguments: readonly string[];
  /** What the success line of the installation must repeat. */
  readonly nonce: string;
}

/** Debian's templates: preseed.cfg.ejs and partials/. */
export const PRESEED_FOLDER = join(import.meta.dirname, '..', '..', 'preseed');

/**
 * Renders the answers, `renderAnswers(loaded.recipe, {...loaded, delivery: false})`. Throws `recipe.template` with
 * template:line when a value is missing or cannot be carried, or when an installer would stop at what was rendered.
 */
export const renderAnswers = (recipe: Recipe, context: AnswerContext): AnswerSet => {
  const { files: hostFiles, delivery, mirrors } = context;
  const hooks: HookContext = { ...accountsOf(recipe, context), files: hostFiles, delivery, mirrors };
  return recipe.os.family === 'debian' ? forDebian(recipe, context, hooks) : forAnaconda(recipe, context, hooks);
};

const forAnaconda = (recipe: Recipe, context: AnswerContext, hooks: HookContext): AnswerSet => {
  const values = kickstartValues(recipe, context, hooks);
  const answers = renderKickstart(recipe, values, context);
  const nonce = context.nonce ?? contentNonce([answers, renderHooks(values, '0')]);
  return {
    initrd: [renderHooks(values, nonce), answers],
    medium: [{ path: 'ks.cfg', mode: 0o444, content: withoutKickstartHashes(answers.content) }],
    installerArguments: installerArguments(recipe, context),
    targetArguments: targetArguments(recipe),
    nonce,
  };
};

const forDebian = (recipe: Recipe, context: AnswerContext, hooks: HookContext): AnswerSet => {
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
    installerArguments: installerArguments(recipe, context),
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

/** What late_command has to be when it arrives; a difference means that the format has mangled it. */
const lateCommand = (preseed: string): AnswerFile[] => {
  const content = parsePreseed(preseed).findLast(({ name }) => name === 'preseed/late_command')?.value;
  return content ? [{ path: 'ingot/late_command', mode: 0o644, content }] : [];
};

const contentNonce = (files: readonly AnswerFile[]): string => sha256(JSON.stringify(files)).slice(0, 32);

/** The copy on the medium is for people; hashes and passphrases are in the initrd, where the installer needs them. */
const withoutHashes = (preseed: string): string =>
  preseed.replaceAll(
    /^(\s*\S+\s+(?:passwd\/\S*password|partman-crypto\/passphrase)\S*\s+\S+\s+)\S.*$/gm,
    '$1(not shown)',
  );
