/** By what findings are judged. */
import type { Waiver } from '../waivers.ts';
import type { FailOn } from './fail-on.ts';
import type { VexStatement } from './vex.ts';

export interface Rules {
  readonly failOn: FailOn;
  readonly waivers: readonly Waiver[];
  readonly vex: readonly VexStatement[];
  readonly now: Date;
  /** Days that what was fetched may be old. */
  readonly maxAge: number;
}
