/** All rules, for the docs, the tests and the names that a user may switch off. */
import { KICKSTART_RULES } from './kickstart/rules.ts';
import { PRESEED_RULES } from './preseed/rules.ts';
import type { Rule } from './rule.ts';

export const RULES: readonly Rule[] = [...PRESEED_RULES, ...KICKSTART_RULES];
