/** Every seal operation of a system, in the order in which they run; and by what a stage's key knows them. */
import { canonicalJson } from '../../canonical-json.ts';
import { sha256 } from '../../host/files.ts';
import { BUILD_ACCESS } from './build-access.ts';
import { IDENTITY_UNITS } from './identity-units.ts';
import { TRACE_UNITS } from './trace-units.ts';
import type { SealUnit } from './unit.ts';

/** `own`: what its family leaves and no other one does. It goes before what every system has, which trims at its end. */
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
