/** The linter of preseed files: its one way in. */
import { type Finding, sorted } from '../finding.ts';
import type { SourceFile } from '../source-file.ts';
import { collector, type PreseedContext } from './check.ts';
import { parsePreseedFile } from './parse.ts';
import { CHECKS } from './rules.ts';

export type { PreseedContext } from './check.ts';
export { templatesOfIso } from './iso-templates.ts';
export { PRESEED_RULES } from './rules.ts';
export { RELEASES, shippedTemplates } from './shipped-templates.ts';
export type { TemplateSet } from './templates.ts';

/** All findings of a file in the order of its lines; nothing in a file makes it throw. */
export const lintPreseed = (file: SourceFile, context: PreseedContext): readonly Finding[] => {
  const parsed = parsePreseedFile(file);
  const { report, findings } = collector(file.name);
  for (const check of CHECKS) check.look(parsed, report, context);
  return sorted(findings);
};
