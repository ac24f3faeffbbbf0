/** The rules as a page of the docs: what each finds, where that is said, and an example of wrong and right. */
import type { Rule } from './rule.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A carriage return is shown by its picture: editors and scripts silently lose the character itself. */
const shown = (text: string): string => text.trimEnd().replaceAll('\r', '␍');

const section = ({ name, severity, summary, source, bad, good }: Rule): string[] => [
  `### ${name}`,
  '',
  `*${severity}.* ${summary}`,
  '',
  `Source: ${source}`,
  '',
  'Found:',
  '```',
  shown(bad),
  '```',
  'Right:',
  '```',
  shown(good),
  '```',
  '',
];

const group = (title: string, rules: readonly Rule[]): string[] => [
  `## ${title}`,
  '',
  '| rule | severity | finds |',
  '|---|---|---|',
  ...rules.map(({ name, severity, summary }) => `| ${name} | ${severity} | ${cell(summary)} |`),
  '',
  ...rules.flatMap(section),
];

export const rulesAsMarkdown = (rules: readonly Rule[]): string => {
  const of = (prefix: string) => rules.filter(({ name }) => name.startsWith(prefix));
  const lines = [
    '# The rules of `ingot lint`',
    '',
    'Written by `ingot lint --rules`. How to use the linter is in [linting.md](linting.md).',
    '',
    ...group('Any file', of('file/')),
    ...group('Preseed', of('preseed/')),
    ...group('Kickstart', of('kickstart/')),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
};
