/** Findings for people: `file:line:col: severity: message  [rule]`, the line, and a mark below it. */
import { counted } from '../../counted.ts';
import type { Finding } from '../finding.ts';
import { assumptionsOf, countOf, type Report } from '../lint-report.ts';

const WIDEST = 120;

/** Files that could not be linted are reported elsewhere, by their errors. */
export const formatText = ({ findings, sources, checked, failed }: Report): string => {
  const byName = new Map(sources.map((file) => [file.name, file]));
  const blocks = findings.map((finding) => {
    const { file, line, column, severity, message, rule, hint, replacement } = finding;
    const head = `${file}:${line}:${column}: ${severity}: ${message}  [${rule}]`;
    const shown = excerpt(byName.get(file)?.lines[line - 1], finding);
    const advice = hint ?? (replacement === undefined ? undefined : `Write: ${replacement}`);
    return [head, ...shown, ...(advice === undefined ? [] : [`    ${advice}`])].join('\n');
  });
  const lines = [...blocks, summary(findings, failed.length), ...assumptionsOf(checked)];
  return lines.map((block) => `${block}\n`).join('');
};

/** The part of the line around the finding, since a line may be megabytes long. */
const excerpt = (line: string | undefined, { column, endColumn }: Finding): string[] => {
  if (line === undefined || line.trim() === '') return [];
  const from = column - 1 > WIDEST - 20 ? column - 1 - 40 : 0;
  const part = line.slice(from, from + WIDEST).replaceAll(/[\p{Cc}]/gu, ' ');
  const width = Math.max(1, Math.min(endColumn, from + WIDEST) - column);
  return [`    ${part.trimEnd()}`, `    ${' '.repeat(column - 1 - from)}${'^'.repeat(width)}`];
};

const summary = (findings: readonly Finding[], failed: number): string => {
  const told = (severity: Finding['severity'], word: string) => counted(countOf(findings, severity), word);
  const rest = failed === 0 ? '' : `; ${counted(failed, 'file')} could not be checked`;
  return `${told('error', 'error')}, ${told('warning', 'warning')}, ${told('info', 'note')}${rest}`;
};
