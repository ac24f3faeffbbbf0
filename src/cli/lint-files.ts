/** What `ingot lint` does: reads the files, lints each, prints all findings once. */

import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { IngotError } from '../errors.ts';
import { ingotVersion } from '../host/project.ts';
import { anyOf, type Finding, type Severity } from '../lint/finding.ts';
import { formatGithub } from '../lint/format/github.ts';
import { formatJson } from '../lint/format/json.ts';
import { formatText } from '../lint/format/text.ts';
import type { Kind } from '../lint/kind.ts';
import { type LintOptions, lintFile } from '../lint/lint.ts';
import { readSourceFile, type SourceFile, sourceFile } from '../lint/source-file.ts';
import { print, printFile } from './print.ts';

interface Options {
  readonly release?: string | undefined;
  readonly iso?: string | undefined;
  readonly as?: Kind | undefined;
  readonly initrd: boolean;
  readonly ignore?: string | undefined;
  readonly format: 'text' | 'json' | 'sarif' | 'github';
  readonly failOn: Severity;
  readonly var: Readonly<Record<string, string>>;
}

interface Linted {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

/** The exit status: 1 when something of the severity was found. */
export const runLint = async (paths: readonly string[], options: Options): Promise<number> => {
  if (paths.length === 0)
    throw new IngotError('usage.nothing-to-lint', 'no file is named', { hint: 'ingot lint preseed.cfg' });
  const linted: Linted[] = [];
  for (const path of paths)
    linted.push(/\.ya?ml$/i.test(path) ? await lintRecipe(path, options) : await lintOne(path, options));
  const files = linted.flatMap((one) => one.files);
  const findings = linted.flatMap((one) => one.findings);
  print(await formatted(findings, files, options.format));
  return anyOf(findings, options.failOn) ? 1 : 0;
};

export const printRules = async (): Promise<void> => {
  const { RULES } = await import('../lint/rules.ts');
  const { rulesAsMarkdown } = await import('../lint/markdown.ts');
  printFile(rulesAsMarkdown(RULES));
};

const lintOne = async (path: string, options: Options): Promise<Linted> => {
  if (path.endsWith('.ejs'))
    throw new IngotError('usage.template', 'a template is linted through the recipe that names it', {
      where: path,
      hint: 'ingot lint RECIPE.yaml',
    });
  const file = await readSourceFile(path);
  const read = new Map<string, SourceFile>();
  const settings: LintOptions = {
    kind: options.as,
    release: options.release,
    iso: options.iso,
    inInitrd: options.initrd || undefined,
    ignore: ignored(options),
    readInclude: (name) => {
      const included = readBeside(path, name);
      if (included) read.set(included.name, included);
      return included;
    },
  };
  const findings = await lintFile(file, settings);
  return { files: [file, ...read.values()], findings };
};

/** An absolute path is one of the installer's, which the host has nothing to say about. */
const readBeside = (path: string, name: string): SourceFile | undefined => {
  if (isAbsolute(name)) return undefined;
  const file = join(dirname(path), name);
  try {
    return sourceFile(file, readFileSync(file));
  } catch {
    return undefined;
  }
};

const lintRecipe = async (path: string, options: Options): Promise<Linted> => {
  const { loadVariants } = await import('../recipe/load.ts');
  const { lintAnswers } = await import('../stages/lint-answers.ts');
  const all: Linted[] = [];
  for (const loaded of await loadVariants(path, { variables: options.var, env: process.env })) {
    const name = loaded.recipe.name;
    for (const purpose of ['build', 'delivery'] as const)
      all.push(await lintAnswers(loaded, `${path} > ${name} > ${purpose}`, purpose, options.iso));
  }
  return {
    files: all.flatMap(({ files }) => files),
    findings: all.flatMap(({ findings }) => findings),
  };
};

const ignored = ({ ignore = '' }: Options): string[] =>
  ignore
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

const formatted = async (
  findings: readonly Finding[],
  files: readonly SourceFile[],
  format: Options['format'],
): Promise<string> => {
  switch (format) {
    case 'json':
      return formatJson(findings);
    case 'github':
      return formatGithub(findings);
    case 'sarif': {
      const { formatSarif } = await import('../lint/format/sarif.ts');
      const { RULES } = await import('../lint/rules.ts');
      return formatSarif(findings, RULES, ingotVersion());
    }
    default:
      return formatText(findings, files);
  }
};
