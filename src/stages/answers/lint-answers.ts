/** Lints what a recipe renders, as it will lie in the initrd, before a machine starts. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { AnswerSet } from '../../answers/answer-set.ts';
import { IngotError } from '../../errors.ts';
import { writeFileWhole } from '../../host/files.ts';
import { ingotVersion } from '../../host/project.ts';
import { anyOf, type Finding } from '../../lint/finding.ts';
import { formatText } from '../../lint/format/text.ts';
import { unknownRuleFinding, unknownRules } from '../../lint/ignore.ts';
import { type SourceFile, sourceFile } from '../../lint/source-file.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { type Purpose, type RenderedPart, renderParts } from './answers-stage.ts';

export interface LintedAnswers {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

const ANSWER_FILES = { 'preseed.cfg': 'preseed', 'ks.cfg': 'kickstart' } as const;

/** Remembers what was found clean: linting takes much of the time of an unchanged build. */
export interface CleanMemo {
  /** For empty files, named by digests. */
  readonly folder: string;
  /** Keyed: an answer file holds password hashes. */
  readonly digest: (text: string) => string;
}

/** `name` is how the files are called in findings: `recipe.yaml`. Secrets are taken out of what is shown. */
export const lintAnswers = async (
  loaded: LoadedRecipe,
  name: string,
  purpose: Purpose,
  against: Against = {},
): Promise<LintedAnswers> => {
  const { iso, tree } = against;
  const all: LintedAnswers[] = [];
  for (const part of await renderParts({ loaded, purpose })) {
    const place = { name: part.host === undefined ? name : `${name} > ${part.host}`, purpose, iso, tree };
    all.push(await lintRendered(part.loaded, part.answers, place));
  }
  return { files: all.flatMap(({ files }) => files), findings: all.flatMap(({ findings }) => findings) };
};

/** What the answers are checked against, besides what is known of the release. */
export interface Against {
  readonly iso?: string | undefined;
  readonly tree?: readonly string[] | undefined;
}

interface Place extends Against {
  readonly name: string;
  readonly purpose: Purpose;
}

const lintRendered = async (loaded: LoadedRecipe, { initrd }: AnswerSet, { name, purpose, iso, tree }: Place) => {
  const { lintFile } = await import('../../lint/lint.ts');
  const { recipe, secrets } = loaded;
  const redacted = (text: string | undefined) => (text === undefined ? undefined : secrets.redact(text));
  const files: SourceFile[] = [];
  const unknown = await unknownRules(recipe.answers.lint.ignore);
  const findings: Finding[] = unknown.map((rule) =>
    unknownRuleFinding(rule, name, { line: 1, column: 1, endColumn: 1 }),
  );
  for (const [path, kind] of Object.entries(ANSWER_FILES)) {
    const content = initrd.find((file) => file.path === path)?.content;
    if (content === undefined) continue;
    const file = sourceFile(`${name} > ${path}`, content);
    const found = await lintFile(file, {
      kind,
      iso,
      trees: tree,
      inInitrd: true,
      unattended: true,
      ...settingsOf(recipe, purpose),
    });
    files.push(sourceFile(file.name, secrets.redact(file.text)));
    for (const { message, hint, replacement, ...rest } of found)
      findings.push({
        ...rest,
        message: secrets.redact(message),
        hint: redacted(hint),
        replacement: redacted(replacement),
      });
  }
  return { files, findings };
};

const settingsOf = ({ os, machine, answers }: Recipe, purpose: Purpose) => ({
  release: `${os.family}-${os.release}`,
  diskSize: purpose === 'build' ? machine.disk : undefined,
  ignore: answers.lint.ignore,
});

/** Throws `recipe.answers` when the installer would stop at what is rendered. */
export const requireCleanAnswers = async (loaded: LoadedRecipe, purpose: Purpose, memo?: CleanMemo): Promise<void> => {
  for (const part of await renderParts({ loaded, purpose })) await requireCleanPart(part, purpose, memo);
};

const requireCleanPart = async (part: RenderedPart, purpose: Purpose, memo?: CleanMemo): Promise<void> => {
  const { host, loaded, answers } = part;
  const texts = answers.initrd.filter(({ path }) => path in ANSWER_FILES).map(({ content }) => content);
  const what = JSON.stringify([ingotVersion(), settingsOf(loaded.recipe, purpose), texts]);
  const known = memo && join(memo.folder, memo.digest(what));
  // What cannot be looked up is linted again.
  if (known !== undefined && (await stat(known).catch(() => undefined))) return;
  const name = host === undefined ? basename(loaded.path) : `${basename(loaded.path)} > ${host}`;
  const { files, findings } = await lintRendered(loaded, answers, { name, purpose });
  const errors = findings.filter((finding) => anyOf([finding], 'error'));
  if (errors.length === 0) return known === undefined ? undefined : writeFileWhole(known, '');
  throw new IngotError('recipe.answers', 'the installer would not do what the answer file says', {
    where: name,
    detail: formatText({ findings: errors, sources: files, checked: [], failed: [] }).trimEnd(),
    hint: 'Correct the template or the recipe; answers.lint.ignore switches off a rule that is wrong.',
  });
};
