import type { Rule } from '../../../trust/rule.ts';
import type { DebianFacts } from './facts.ts';

export type DebianRule = Rule<DebianFacts>;
