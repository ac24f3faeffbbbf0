/** One argument of `ingot lint`: an answer file, a recipe by the end of its name, or `-` for what stdin has. */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { IngotError } from '../errors.ts';
import { isNotThere } from '../host/if-there.ts';
import type { Finding } from '../lint/finding.ts';
import { foreignBeginning, foreignMarks, isRecipe } from '../lint/foreign.ts';
import type { Kind } from '../lint/kind.ts';
import { examineFile, unknownKind } from '../lint/lint.ts';
import type { Checked } from '../lint/lint-report.ts';
import { readSourceFile, type SourceFile, sourceFile } from '../lint/source-file.ts';

export interface PathOptions {
  readonly release?: string | undefined;
  readonly iso?: string | undefined;
  readonly tree: readonly string[];
  readonly as?: Kind | undefined;
  readonly initrd: boolean;
  readonly var: Readonly<Record<string, string>>;
}

export interface PathReport {
  readonly sources: readonly SourceFile[];
  readonly findings: readonly Finding[];
  readonly checked: readonly Checked[];
}

/** Throws what reading throws, and `lint.unknown-kind`. */
export const lintPath = async (path: string, options: PathOptions): Promise<PathReport> => {
  if (path.endsWith('.ejs'))
    throw new IngotError('usage.template', 'a template is linted through the recipe that names it', {
      where: path,
      hint: 'ingot lint RECIPE.yaml',
    });
  const file = path === '-' ? sourceFile(path, await buffer(process.stdin)) : await readSourceFile(path);
  if (options.as !== undefined || !/\.ya?ml$/i.test(path)) return lintAnswerFile(file, options);
  // What other installers read is YAML as well.
  const foreign = foreignBeginning(file) ?? (isRecipe(file.text) ? undefined : foreignMarks(file));
  if (foreign !== undefined) throw unknownKind(file, foreign);
  return lintRecipe(path, options);
};

const lintAnswerFile = async (file: SourceFile, options: PathOptions): Promise<PathReport> => {
  const read = new Map<string, SourceFile>();
  const { kind, release, findings } = await examineFile(file, {
    kind: options.as,
    release: options.release,
    iso: options.iso,
    trees: options.tree,
    inInitrd: options.initrd || undefined,
    readInclude: (name, from) => {
      const included = readBeside(name, [from, file.name]);
      if (included) read.set(included.name, included);
      return included;
    },
  });
  const chosen =
    kind === 'preseed' && options.iso !== undefined
      ? { release: `the installer of ${options.iso}`, reason: 'medium' as const }
      : { release: release.title, reason: release.reason };
  const checked: Checked = { file: file.name, kind, ...chosen };
  return { sources: [file, ...read.values()], findings, checked: [checked] };
};

/**
 * pykickstart looks next to the file that includes; a folder with all parts is understood as well. An absolute
 * path belongs to the installer, so this host's files do not count.
 */
const readBeside = (name: string, files: readonly string[]): SourceFile | undefined => {
  if (isAbsolute(name)) return undefined;
  for (const path of new Set(files.map((file) => join(dirname(file), name)))) {
    try {
      return sourceFile(path, readFileSync(path));
    } catch (error) {
      // Not there, or not a text: the next place.
      if (!(isNotThere(error) || error instanceof IngotError)) throw error;
    }
  }
  return undefined;
};

const lintRecipe = async (path: string, options: PathOptions): Promise<PathReport> => {
  const { loadVariants } = await import('../recipe/load.ts');
  const { lintAnswers } = await import('../stages/answers/lint-answers.ts');
  const all: Pick<PathReport, 'sources' | 'findings'>[] = [];
  for (const loaded of await loadVariants(path, { variables: options.var, env: process.env })) {
    const name = loaded.recipe.name;
    for (const purpose of ['build', 'delivery'] as const) {
      const { files, findings } = await lintAnswers(loaded, `${path} > ${name} > ${purpose}`, purpose, options);
      all.push({ sources: files, findings });
    }
  }
  return {
    sources: all.flatMap(({ sources }) => sources),
    findings: all.flatMap(({ findings }) => findings),
    // For the recipe's own release, which it always names.
    checked: [],
  };
};
