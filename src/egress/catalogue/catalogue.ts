/** All entries, and which of them a recipe means. */
import { EGRESS_CLASSES, type EgressClass, SWITCHABLE, type Telemetry } from '../../recipe/schema/telemetry-schema.ts';
import { ADDED_ENTRIES } from './added.ts';
import { AGENT_ENTRIES } from './agents.ts';
import { CONFIGURED_ENTRIES } from './configured.ts';
import type { Entry } from './entry.ts';
import { SYSTEM_ENTRIES } from './system.ts';
import { VENDOR_ENTRIES } from './vendors.ts';

export const CATALOGUE: readonly Entry[] = [
  ...SYSTEM_ENTRIES,
  ...CONFIGURED_ENTRIES,
  ...VENDOR_ENTRIES,
  ...ADDED_ENTRIES,
  ...AGENT_ENTRIES,
];

export const isClass = (word: string): word is EgressClass => EGRESS_CLASSES.some((name) => name === word);

/** Those that words name, by class or by id, in the order of the catalogue. */
export const named = (words: readonly string[]): readonly Entry[] =>
  CATALOGUE.filter((entry) => words.includes(entry.id) || words.includes(entry.class));

/** Those that a recipe has switched off in its system. */
export const switchedOff = ({ off }: Telemetry): readonly Entry[] =>
  named(off).filter(({ id }) => SWITCHABLE.some((name) => name === id));
