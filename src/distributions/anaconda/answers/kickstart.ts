/**
 * Answers for Anaconda: ks.cfg from the recipe or from the user's own template, and ingot.ks, which includes it as it
 * is and only reports on the installation. Both lie in the root of the initrd: Anaconda's dracut module copies `/*cfg`
 * and `/*ks` into the installer's root (dracut/anaconda-copy-ks.sh), so the include is found before and after.
 */
import { join } from 'node:path';
import type { AnswerFile } from '../../../answers/answer-set.ts';
import { renderOwnTemplate, renderTemplate } from '../../../answers/ejs.ts';
import { IngotError } from '../../../errors.ts';
import { projectFolder } from '../../../host/project.ts';
import { lintKickstart } from '../../../lint/kickstart/lint.ts';
import { type KickstartRelease, kickstartRelease } from '../../../lint/kickstart/release.ts';
import { sourceFile } from '../../../lint/source-file.ts';
import { hostFile } from '../../../recipe/load/host-files.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { KICKSTART_ESCAPE } from './kickstart-value.ts';

/** Anaconda's templates: ks.cfg.ejs, ingot.ks.ejs and partials/. */
export const KICKSTART_FOLDER = join(projectFolder, 'kickstart');

export const kickstartReleaseOf = ({ os }: Pick<Recipe, 'os'>): KickstartRelease =>
  kickstartRelease(`${os.family}-${os.release}`);

const OPTIONS = { partials: [join(KICKSTART_FOLDER, 'partials')], escape: KICKSTART_ESCAPE };

/** Throws `recipe.template` with template:line, or with the line of ks.cfg at which the installer would stop. */
export const renderKickstart = (
  recipe: Recipe,
  values: Readonly<Record<string, unknown>>,
  { folder }: { readonly folder: string },
): AnswerFile => {
  const own = recipe.answers.template;
  const content = own
    ? renderOwnTemplate(hostFile(folder, own.file), values, OPTIONS)
    : renderTemplate(join(KICKSTART_FOLDER, 'ks.cfg.ejs'), values, OPTIONS);
  const lines = content.split('\n');
  const [wrong] = lintKickstart(sourceFile('ks.cfg', content), { release: kickstartReleaseOf(recipe) }).filter(
    ({ severity }) => severity === 'error',
  );
  if (wrong)
    throw new IngotError('recipe.template', wrong.message, {
      where: `ks.cfg:${wrong.line}:${wrong.column}`,
      // A line may hold a password's hash.
      detail: /pw|pass|user/.test(lines[wrong.line - 1] ?? '') ? undefined : lines[wrong.line - 1],
      hint: wrong.hint ?? '`ingot lint --rules` explains the rules for kickstart files.',
    });
  return { path: 'ks.cfg', mode: 0o600, content };
};

/** Ingot's own kickstart, next to it. */
export const renderHooks = (values: Readonly<Record<string, unknown>>, nonce: string): AnswerFile => ({
  path: 'ingot.ks',
  mode: 0o644,
  content: renderTemplate(join(KICKSTART_FOLDER, 'ingot.ks.ejs'), { ...values, nonce }, OPTIONS),
});

/** For the copy on the medium. */
export const withoutKickstartHashes = (content: string): string =>
  content.replaceAll(/^(\s*(?:rootpw|user|sshpw)\s.*?)'?\$(?:\w+)\$[^\s']+'?/gm, '$1(not-shown)');
