/**
 * *capture*: the layers become flat images. The raw one is read from outside: every sealed item is asserted absent,
 * every secret of the build is searched for, and the package list is taken from dpkg's own database.
 */
import { sealUnitsOf } from '../../distributions/find-image.ts';
import { checksDigest } from '../../guest/seal/units.ts';
import { toolVersion } from '../../host/tools.ts';
import { saidOf } from '../../inspect/budget.ts';
import type { Stage, StageKey } from '../../pipeline/stage.ts';
import type { Slim } from '../../recipe/schema.ts';
import { INVENTORY_FORMAT } from '../../sbom/inventory.ts';
import type { Captured, CaptureInput } from './captured.ts';

export const captureStage: Stage<CaptureInput, Captured> = {
  name: 'capture',
  // Password hashes, and what a step was told to leave in the system.
  holdsSecrets: true,
  key: async ({ loaded, configured, below }, { secretDigest }) => ({
    disk: configured.disk.sha256,
    ...(below === undefined ? {} : { over: below.image.sha256 }),
    formats: loaded.recipe.capture.formats,
    seal: { ...loaded.recipe.seal, checks: checksDigest(await sealUnitsOf(loaded.recipe)) },
    ...budgetKey(loaded.recipe.slim),
    ...(loaded.recipe.capture.sbom.length === 0 ? {} : { inventory: INVENTORY_FORMAT }),
    name: loaded.recipe.name,
    secrets: loaded.secrets.values().map(secretDigest),
    qemuImg: await toolVersion('qemu-img'),
  }),
  async run(input, context) {
    const { captureDisk } = await import('./capture-run.ts');
    return await captureDisk(input, context);
  },
};

/** Images of recipes without one stay what they are. */
const budgetKey = ({ budget }: Slim): StageKey => {
  const said = saidOf(budget);
  return said === undefined ? {} : { budget: said };
};
