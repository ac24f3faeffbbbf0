/** The closed list: all rules for files that no package of Debian has, in the order in which they are asked. docs/trust.md tells them. */
import type { DebianRule } from './debian-rule.ts';
import { ACCOUNT_RULES } from './rules/accounts.ts';
import { BOOT_RULES } from './rules/boot.ts';
import { COPIES } from './rules/copies.ts';
import { DPKG_RULES } from './rules/dpkg.ts';
import { INGOT_RULES } from './rules/ingot.ts';
import { LINKS } from './rules/links.ts';
import { MADE } from './rules/made.ts';
import { SCRIPTED } from './rules/scripted.ts';
import { SERVERS } from './rules/servers.ts';
import { SETTINGS } from './rules/settings.ts';
import { TMPFILES } from './rules/tmpfiles.ts';

export const RULES: readonly DebianRule[] = [
  ...INGOT_RULES,
  ...COPIES,
  ...BOOT_RULES,
  ...ACCOUNT_RULES,
  ...SETTINGS,
  ...DPKG_RULES,
  ...LINKS,
  ...MADE,
  ...TMPFILES,
  ...SCRIPTED,
  ...SERVERS,
];

/** Raised when rules say something else of the same image: results of before are made again. */
export const RULES_VERSION = 6;
