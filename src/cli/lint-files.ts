/**
 * What `ingot lint` does: lints each file, prints all findings once. A file that cannot be linted is reported with the
 * others: who lints a folder wants to see all mistakes in it.
 */
import { exitCodeOf, IngotError, messageOf } from '../errors.ts';
import { anyOf, type Severity } from '../lint/finding.ts';
import { formatGithub } from '../lint/format/github.ts';
import { formatGitlab } from '../lint/format/gitlab.ts';
import { formatJson } from '../lint/format/json.ts';
import { formatText } from '../lint/format/text.ts';
import { isIgnored, unknownRules } from '../lint/ignore.ts';
import type { Failed, Report } from '../lint/lint-report.ts';
import { readReleases } from '../lint/release.ts';
import { named } from '../system-error.ts';
import { describeError } from '../ui/error.ts';
import { lintPath, type PathOptions, type PathReport } from './lint-path.ts';
import { print, printFile, say } from './print.ts';

interface Options extends PathOptions {
  readonly ignore?: string | undefined;
  readonly format: 'text' | 'json' | 'sarif' | 'github' | 'gitlab';
  readonly failOn: Severity;
}

/** The exit status: 1 when something of the severity was found, 2 when a file could not be linted. */
export const runLint = async (paths: readonly string[], options: Options): Promise<number> => {
  if (paths.length === 0)
    throw new IngotError('usage.nothing-to-lint', 'no file is named', { hint: 'ingot lint preseed.cfg' });
  if (paths.filter((path) => path === '-').length > 1)
    throw new IngotError('usage.stdin-twice', 'the standard input can be read only once', { hint: 'Name - once.' });
  if (options.release !== undefined) readReleases(options.release);
  const ignored = namesIn(options.ignore);
  for (const { name, hint } of await unknownRules(ignored))
    throw new IngotError('usage.unknown-rule', `there is no rule ${JSON.stringify(name)} to leave out`, { hint });
  const reports: PathReport[] = [];
  const failed: Failed[] = [];
  for (const path of paths) {
    try {
      reports.push(await lintPath(path, options));
    } catch (error) {
      failed.push(failure(path, error));
    }
  }
  const findings = reports.flatMap((one) => one.findings).filter(({ rule }) => !isIgnored(rule, ignored));
  const sources = reports.flatMap((one) => one.sources);
  const checked = reports.flatMap((one) => one.checked);
  print(await formatted({ findings, sources, checked, failed }, options.format));
  if (failed.length > 0) return 2;
  return anyOf(findings, options.failOn) ? 1 : 0;
};

export const printRules = async (): Promise<void> => {
  const { RULES } = await import('../lint/rules.ts');
  const { rulesAsMarkdown } = await import('../lint/markdown.ts');
  printFile(rulesAsMarkdown(RULES));
};

/** Reports the error as it would be reported alone. Throws it when it is not about a file. */
const failure = (path: string, thrown: unknown): Failed => {
  const error = named(thrown);
  // A tree is one for all files.
  if (!(error instanceof IngotError) || exitCodeOf(error) === 130 || error.code === 'usage.tree') throw error;
  say(describeError({ ...error, message: error.message, where: error.where ?? path }));
  const { code, hint } = error;
  return { file: path, code, message: messageOf(error), hint };
};

const namesIn = (list = ''): string[] => list.split(',').flatMap((name) => name.trim() || []);

const formatted = async (report: Report, format: Options['format']): Promise<string> => {
  switch (format) {
    case 'json':
      return formatJson(report);
    case 'github':
      return formatGithub(report);
    case 'gitlab':
      return formatGitlab(report);
    case 'sarif': {
      const { formatSarif } = await import('../lint/format/sarif.ts');
      const { RULES } = await import('../lint/rules.ts');
      return formatSarif(report, RULES);
    }
    default:
      return formatText(report);
  }
};
