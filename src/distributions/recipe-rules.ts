/** The rules of each family, for the checks of a recipe. */
import type { FamilyRules } from '../recipe/checks/family-rules.ts';
import type { Family } from '../recipe/schema.ts';
import { FEDORA_RULES, REDHAT_RULES } from './anaconda/recipe-rules.ts';
import { DEBIAN_RULES } from './debian/recipe-rules.ts';

export const FAMILY_RULES: Readonly<Record<Family, FamilyRules>> = {
  debian: DEBIAN_RULES,
  redhat: REDHAT_RULES,
  fedora: FEDORA_RULES,
};
