/** The linter of preseed files: its one way in. */
import { type Finding, sorted } from '../finding.ts';
import type { SourceFile } from '../source-file.ts';
import { type PreseedContext, preseedCollector } from './check.ts';
import { parsePreseedFile } from './preseed-file.ts';
import { CHECKS } from './rules.ts';
import type { TemplateSet } from './templates.ts';

export type { PreseedContext } from './check.ts';
export { PRESEED_RULES } from './rules.ts';
export { shippedTemplates } from './shipped-templates.ts';
export type { TemplateSet } from './templates.ts';

/**
 * The templates of the installer on a medium. Loaded when it is asked for: what reads packages and starts processes
 * takes longer to load than a file takes to lint.
 */
export const loadTemplatesOfIso = async (path: string): Promise<TemplateSet> =>
  (await import('./iso-templates.ts')).templatesOfIso(path);

/** All findings of a file in the order of its lines; nothing in a file makes it throw. */
export const lintPreseed = (file: SourceFile, context: PreseedContext): readonly Finding[] => {
  const parsed = parsePreseedFile(file);
  const { report, findings } = preseedCollector(file.name);
  for (const check of CHECKS) check.look(parsed, report, context);
  return sorted(findings);
};
