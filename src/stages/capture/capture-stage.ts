/**
 * *capture*: the layers become flat images. The raw one is read from outside: every sealed item is asserted absent,
 * every secret of the build is searched for, and the package list is taken from dpkg's own database.
 */
import { canonicalJson } from '../../canonical-json.ts';
import { REBUILD_FORMAT } from '../../capture/rebuild/identity.ts';
import { type Lock, lockDigest } from '../../distributions/debian/archive/package-lock.ts';
import { sealUnitsOf, systemOf } from '../../distributions/find-image.ts';
import { named } from '../../egress/catalogue/catalogue.ts';
import { checksDigest } from '../../guest/seal/units.ts';
import { sha256 } from '../../host/files.ts';
import { toolVersion } from '../../host/tools.ts';
import { saidOf } from '../../inspect/budget.ts';
import type { Stage, StageKey } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { Telemetry } from '../../recipe/schema/telemetry-schema.ts';
import type { Slim } from '../../recipe/schema.ts';
import { INVENTORY_FORMAT } from '../../sbom/inventory.ts';
import type { Captured, CaptureInput } from './captured.ts';

export const captureStage: Stage<CaptureInput, Captured> = {
  name: 'capture',
  // Password hashes, and what a step was told to leave in the system.
  holdsSecrets: true,
  key: async ({ loaded, configured, below, lock }, { secretDigest }) => ({
    disk: configured.disk.sha256,
    ...(below === undefined ? {} : { over: below.image.sha256 }),
    formats: loaded.recipe.capture.formats,
    seal: { ...loaded.recipe.seal, checks: checksDigest(await sealUnitsOf(loaded.recipe)) },
    ...budgetKey(loaded.recipe.slim),
    ...quietnessKey(loaded.recipe.telemetry),
    ...(await rebuildKey(loaded, lock)),
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

/** What the identifiers and times of a rebuilt disk are made of; images that are not rebuilt stay what they are. */
const rebuildKey = async ({ recipe }: LoadedRecipe, lock: Lock | undefined): Promise<StageKey> => {
  if (!recipe.capture.reproducible || lock === undefined) return {};
  const { canonical } = await systemOf(recipe);
  return {
    reproducible: {
      version: recipe.version,
      lock: lockDigest(lock),
      rules: canonical.digest,
      format: REBUILD_FORMAT,
      tools: await Promise.all((['mke2fs', 'mkfs.fat', 'mcopy', 'sfdisk'] as const).map(toolVersion)),
      zstd: process.versions['zstd'] ?? '',
      zlib: process.versions.zlib,
    },
  };
};

/** Images of recipes without one stay what they are. */
const budgetKey = ({ budget }: Slim): StageKey => {
  const said = saidOf(budget);
  return said === undefined ? {} : { budget: said };
};

/** What is looked at on the disk counts as well: an image is captured once more when more is known. */
const quietnessKey = ({ off }: Telemetry): StageKey =>
  off.length === 0
    ? {}
    : {
        quiet: sha256(
          canonicalJson(
            named(off).map(({ id, packages, files, units, settings }) => [
              id,
              packages,
              files,
              units,
              JSON.stringify(settings),
            ]),
          ),
        ),
      };
