/** The provenance of what is delivered, from what the build knows. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildMode, DELIVERED, type Provenance, provenanceStatement } from '../../attest/provenance.ts';
import { jsonOf, type ResourceDescriptor, type Statement, type Subject } from '../../attest/statement.ts';
import type { Manifest } from '../../capture/manifest.ts';
import { lockDigest } from '../../distributions/debian/archive/package-lock.ts';
import { sha256File } from '../../host/files.ts';
import { ifThere } from '../../host/if-there.ts';
import { KEPT } from '../../machine/spec.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { secretReferences } from '../../recipe/secrets/secrets.ts';
import type { DeliveredOrigin } from './delivered-origin.ts';
import { dependenciesOf } from './dependencies.ts';
import { sourceOf } from './source-of.ts';

export interface ProvenanceOf {
  readonly loaded: LoadedRecipe;
  readonly origin: DeliveredOrigin;
  readonly manifest: Manifest;
  /** Files of the folder that are no subjects. */
  readonly beside: readonly { readonly name: string; readonly sha256: string }[];
  readonly run: { readonly folder: string; readonly started: Date };
}

export const provenanceOf = async (given: ProvenanceOf): Promise<Statement<Provenance>> => {
  const { loaded, origin, manifest, beside, run } = given;
  const { recipe } = loaded;
  const source = await sourceOf(loaded);
  const { ingot, ...tools } = manifest.tools;
  const { cpus, memory, disk, firmware, network } = recipe.machine;
  return provenanceStatement({
    subject: subjectsOf(manifest),
    external: {
      recipe: basename(loaded.path),
      variables: redacted(loaded),
      ...(source === undefined ? {} : { source: source.uri }),
      image: recipe.name,
    },
    internal: {
      tools,
      machine: { cpus, memory, disk, firmware, network },
      accelerator: (await acceleratorOf(run.folder)) ?? recipe.machine.accelerator,
      recipeDigest: loaded.digest,
    },
    dependencies: [
      ...(source === undefined ? [] : [{ uri: source.uri, digest: { gitCommit: source.commit } }]),
      ...(await dependenciesOf(loaded, origin)),
    ],
    byproducts: [
      ...beside.map(({ name, sha256 }) => ({ name, digest: { sha256 }, annotations: DELIVERED })),
      ...(origin.lock === undefined
        ? []
        : [{ name: 'lock.json', digest: { sha256: lockDigest(origin.lock) }, annotations: { lies: 'in the store' } }]),
      ...(await logsOf(run.folder)),
    ],
    mode: modeOf(loaded, origin),
    version: { ingot: ingot ?? '' },
    metadata: {
      invocationId: basename(run.folder),
      startedOn: run.started.toISOString(),
      finishedOn: new Date().toISOString(),
    },
  });
};

export const subjectsOf = ({ images, medium }: Manifest): Subject[] =>
  [...images, ...(medium ? [medium] : [])].map(({ file, sha256 }) => ({ name: file, digest: { sha256 } }));

const redacted = ({ variables, secrets }: LoadedRecipe): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, secrets.redact(String(value))]));

/** Of the recipe below as well: what went in there is in this image. */
const modeOf = (loaded: LoadedRecipe, origin: DeliveredOrigin): BuildMode => {
  const { recipe, folder, parent } = loaded;
  const below =
    parent === undefined || origin.parent === undefined
      ? { isOpen: false, hasStandIns: false, hasSecrets: false }
      : modeOf(parent, origin.parent);
  return {
    isOpen: recipe.machine.network === 'open' || below.isOpen,
    hasStandIns: (origin.lock?.standIns.length ?? 0) > 0 || below.hasStandIns,
    hasSecrets: secretReferences(recipe, folder).length > 0 || below.hasSecrets,
  };
};

/** Of the machines that ran in this build; undefined when everything came from the store. */
const acceleratorOf = async (runFolder: string): Promise<string | undefined> => {
  for (const stage of ['install', 'configure']) {
    const kept = jsonOf((await ifThere(readFile(join(runFolder, stage, KEPT)))) ?? Buffer.of());
    if (typeof kept === 'object' && kept !== null && 'accelerator' in kept) return String(kept.accelerator);
  }
  return undefined;
};

const LOGS = /^(serial|installer)\.log$/;

const logsOf = async (runFolder: string): Promise<ResourceDescriptor[]> => {
  const found: ResourceDescriptor[] = [];
  for (const stage of (await ifThere(readdir(runFolder))) ?? [])
    for (const name of ((await stat(join(runFolder, stage))).isDirectory()
      ? await readdir(join(runFolder, stage))
      : []
    ).sort())
      if (LOGS.test(name))
        found.push({
          name: `${stage}/${name}`,
          digest: { sha256: await sha256File(join(runFolder, stage, name)) },
          annotations: { lies: 'in the run folder' },
        });
  return found;
};
