/** Every seal operation, in the order in which they run. */
import { BUILD_UNITS } from './build-units.ts';
import { IDENTITY_UNITS } from './identity-units.ts';
import { TRACE_UNITS } from './trace-units.ts';
import type { SealUnit } from './unit.ts';

export type { SealUnit } from './unit.ts';

export const SEAL_UNITS: readonly SealUnit[] = [...BUILD_UNITS, ...IDENTITY_UNITS, ...TRACE_UNITS];
