/** All rules, for the docs, the tests and the names that a user may switch off. */
import { FILE_RULES } from './file-rules.ts';
import { KICKSTART_RULES } from './kickstart/rules.ts';
import { PRESEED_RULES } from './preseed/rules.ts';
import type { Rule } from './rule.ts';

export const RULES: readonly Rule[] = [...Object.values(FILE_RULES), ...PRESEED_RULES, ...KICKSTART_RULES];
