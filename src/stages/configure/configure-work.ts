/** What *configure* and its machine run are given. */
import type { BuildKeys } from '../../access/key.ts';
import type { Accelerator } from '../../machine/accelerator.ts';
import type { MachineSpec } from '../../machine/spec.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { Base } from '../base.ts';
import type { Checkpoint, Checkpoints } from './checkpoints.ts';

export interface ConfigureInput {
  readonly loaded: LoadedRecipe;
  readonly base: Base;
}

export interface ConfigureWork extends ConfigureInput {
  specFor(disk: string): MachineSpec;
  /** The overlay that this run writes to first. */
  readonly disk: string;
  readonly keys: BuildKeys;
  readonly accelerator: Accelerator;
  /** Where this run goes on; from the first boot when absent. */
  readonly start: Checkpoint | undefined;
  readonly checkpoints: Checkpoints;
}
