/** All rules for kickstart files; `bad` and `good` are meant for RHEL 9. */
import type { Severity } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { COMMANDS_RULES } from './rules/commands.ts';
import { STORAGE_RULES } from './rules/storage.ts';
import { STRUCTURE_RULES } from './rules/structure.ts';
import { SYSTEM_RULES } from './rules/system.ts';

export const KICKSTART_RULES: readonly Rule[] = [
  ...STRUCTURE_RULES,
  ...COMMANDS_RULES,
  ...STORAGE_RULES,
  ...SYSTEM_RULES,
];

const SEVERITIES: ReadonlyMap<string, Severity> = new Map(
  KICKSTART_RULES.map(({ name, severity }) => [name, severity]),
);

export const severityOf = (rule: string): Severity => {
  const severity = SEVERITIES.get(rule);
  if (severity === undefined) throw new Error(`there is no rule ${rule}`);
  return severity;
};
