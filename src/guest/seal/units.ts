/** Every seal operation of a system, in the order in which they run, and how they count in a stage's key. */
import { canonicalJson } from '../../canonical-json.ts';
import { sha256 } from '../../host/files.ts';
import { BUILD_ACCESS } from './build-access.ts';
import { IDENTITY_UNITS } from './identity-units.ts';
import { TRACE_UNITS } from './trace-units.ts';
import type { SealUnit } from './unit.ts';

/** `own`: operations of its family alone. They go before those of every system, which end with trimming. */
export const sealUnits = (own: readonly SealUnit[]): readonly SealUnit[] => [
  BUILD_ACCESS,
  ...own,
  ...IDENTITY_UNITS,
  ...TRACE_UNITS,
];

/** What is done in the machine. */
export const scriptsDigest = (units: readonly SealUnit[]): string =>
  sha256(canonicalJson(units.map(({ name, script }) => [name, script])));

/** What is asserted of its disk. */
export const checksDigest = (units: readonly SealUnit[]): string =>
  sha256(
    canonicalJson(
      units.map(({ name, checks }) => [
        name,
        checks.map((check) => ('pattern' in check ? { ...check, pattern: String(check.pattern) } : check)),
      ]),
    ),
  );
