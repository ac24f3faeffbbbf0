/** What users switch off: by `--ignore`, in a recipe, and by comments in a file. */

import type { Place } from '../formats/text-place.ts';
import { suggest } from '../suggest.ts';
import { FILE_RULES } from './file-rules.ts';
import type { Finding } from './finding.ts';
import type { SourceFile } from './source-file.ts';

/** Whether the rule is among the names; they may lack the part before the slash. */
export const isIgnored = (rule: string, names: readonly string[]): boolean =>
  names.some((name) => name === rule || name === withoutKind(rule));

const withoutKind = (rule: string): string => rule.slice(rule.indexOf('/') + 1);

/** A name that no rule has: it switches nothing off. */
export interface UnknownRule {
  readonly name: string;
  readonly hint: string;
}

export const unknownRules = async (names: readonly string[]): Promise<readonly UnknownRule[]> => {
  if (names.length === 0) return [];
  // All rules of both installers are loaded for their names only when there is one to look up.
  const { RULES } = await import('./rules.ts');
  const known = RULES.flatMap(({ name }) => [name, withoutKind(name)]);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = suggest(name, known);
      return { name, hint: near === undefined ? 'ingot lint --rules prints the names.' : `Did you mean ${near}?` };
    });
};

/**
 * Leaves out what comments switch off: `# ingot-lint: ignore RULE …` is for its own line and the next one,
 * `# ingot-lint: ignore-file RULE …` for the whole file. Without a rule it means all of them.
 */
export const withoutIgnored = (file: SourceFile, findings: readonly Finding[]): readonly Finding[] => {
  const ignored = ignoreComments(file);
  if (ignored.length === 0) return findings;
  return findings.filter(
    (finding) =>
      finding.file !== file.name ||
      !ignored.some(
        ({ names, line, wholeFile }) =>
          (wholeFile || line === finding.line || line === finding.line - 1) &&
          (names.length === 0 || isIgnored(finding.rule, names)),
      ),
  );
};

/** Names in comments that no rule has. */
export const unknownInComments = async (file: SourceFile): Promise<readonly Finding[]> => {
  const comments = ignoreComments(file);
  const unknown = await unknownRules(comments.flatMap(({ names }) => names));
  return comments.flatMap((comment) =>
    unknown
      .filter(({ name }) => comment.names.includes(name))
      .map((rule) => {
        const column = comment.text.lastIndexOf(rule.name) + 1;
        return unknownRuleFinding(rule, file.name, {
          line: comment.line,
          column,
          endColumn: column + rule.name.length,
        });
      }),
  );
};

export const unknownRuleFinding = ({ name, hint }: UnknownRule, file: string, place: Place): Finding => ({
  rule: FILE_RULES.unknownRule.name,
  severity: FILE_RULES.unknownRule.severity,
  file,
  line: place.line,
  column: place.column,
  endColumn: place.endColumn,
  message: `there is no rule ${JSON.stringify(name)} to switch off`,
  hint,
});

interface Comment {
  readonly text: string;
  readonly line: number;
  readonly wholeFile: boolean;
  readonly names: readonly string[];
}

const ignoreComments = ({ lines, text }: SourceFile): Comment[] => {
  if (!text.includes('ingot-lint:')) return [];
  return lines.flatMap((content, index) => {
    const [, scope, names = ''] =
      /#\s*ingot-lint:\s*(ignore-file|ignore)(?![\w-])([^#]*)$/.exec(content.trimEnd()) ?? [];
    if (scope === undefined) return [];
    const wholeFile = scope === 'ignore-file';
    return [{ text: content, line: index + 1, wholeFile, names: names.split(/[\s,]+/).filter(Boolean) }];
  });
};
