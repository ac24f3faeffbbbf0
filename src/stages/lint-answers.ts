/** Lints what a recipe renders, as it will lie in the initrd, before a machine starts. */
import { basename } from 'node:path';
import { IngotError } from '../errors.ts';
import { anyOf, type Finding } from '../lint/finding.ts';
import { formatText } from '../lint/format/text.ts';
import { lintFile } from '../lint/lint.ts';
import { type SourceFile, sourceFile } from '../lint/source-file.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { type Purpose, renderLoaded } from './answers.ts';

export interface Linted {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

const ANSWER_FILES = { 'preseed.cfg': 'preseed', 'ks.cfg': 'kickstart' } as const;

/** `name` is how the files are called in findings: `recipe.yaml`. Secrets are taken out of what is shown. */
export const lintAnswers = async (
  loaded: LoadedRecipe,
  name: string,
  purpose: Purpose,
  iso?: string,
): Promise<Linted> => {
  const { recipe, secrets } = loaded;
  const { initrd } = await renderLoaded({ loaded, purpose });
  const files: SourceFile[] = [];
  const findings: Finding[] = [];
  for (const [path, kind] of Object.entries(ANSWER_FILES)) {
    const content = initrd.find((file) => file.path === path)?.content;
    if (content === undefined) continue;
    const file = sourceFile(`${name} > ${path}`, content);
    const options = {
      kind,
      iso,
      release: `${recipe.os.family}-${recipe.os.release}`,
      inInitrd: true,
      unattended: true,
      diskSize: purpose === 'build' ? recipe.machine.disk : undefined,
      ignore: recipe.answers.lint.ignore,
    };
    const found = await lintFile(file, options);
    files.push(sourceFile(file.name, secrets.redact(file.text)));
    findings.push(...found.map((finding) => ({ ...finding, message: secrets.redact(finding.message) })));
  }
  return { files, findings };
};

/** Throws `recipe.answers` when the installer would stop at what is rendered. */
export const requireCleanAnswers = async (loaded: LoadedRecipe, purpose: Purpose): Promise<void> => {
  const name = basename(loaded.path);
  const { files, findings } = await lintAnswers(loaded, name, purpose);
  const errors = findings.filter((finding) => anyOf([finding], 'error'));
  if (errors.length === 0) return;
  throw new IngotError('recipe.answers', 'the installer would not do what the answer file says', {
    where: name,
    detail: formatText(errors, files).trimEnd(),
    hint: 'Mend the template or the recipe; answers.lint.ignore switches a rule off that is mistaken.',
  });
};
