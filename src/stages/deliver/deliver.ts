/** The last step, which is no stage: what was made goes where the user wants it, whole or not at all. */
import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Signing, signSums } from '../../attest/sums-signing.ts';
import { packageLines } from '../../capture/installed-packages.ts';
import { type Manifest, manifestText } from '../../capture/manifest.ts';
import type { Output } from '../../capture/output.ts';
import { testFiles } from '../../checks/report/files.ts';
import type { TestReport } from '../../checks/report/report.ts';
import { sealUnitsOf } from '../../distributions/find-image.ts';
import { IngotError } from '../../errors.ts';
import { type FileRef, publish, sha256, temporaryName, writeFileWhole } from '../../host/files.ts';
import { makeFolders } from '../../host/folders.ts';
import { ingotVersion } from '../../host/project.ts';
import { run } from '../../host/run.ts';
import { toolVersion } from '../../host/tools.ts';
import { readMedium } from '../../media/iso/medium.ts';
import { type UnattendedWay, unattendedWays } from '../../media/loaders/unattended-ways.ts';
import { readBootMenus } from '../../media/menus/boot-menus.ts';
import type { Engine, StageRecord } from '../../pipeline/engine.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { Captured } from '../capture/captured.ts';
import { statedChanges } from '../medium/medium-content.ts';
import type { PackageRepository } from '../origin/package-repository.ts';
import type { TrustResult } from '../trust/trust-input.ts';
import { attestOutput, isAttested } from './attest-output.ts';
import { chainOf } from './chain.ts';
import { deliverBills } from './deliver-sbom.ts';
import { hasRecord, RECORD, sameAsBefore } from './delivered.ts';
import type { DeliveredOrigin } from './delivered-origin.ts';
import { heldByImage, heldByMedium } from './held-results.ts';
import type { LyingThere } from './lying-there.ts';
import { manifestOrigin, manifestStandIns } from './manifest-origin.ts';
import { statedLock } from './stated-lock.ts';

export interface DeliverInput {
  readonly loaded: LoadedRecipe;
  readonly origin: DeliveredOrigin;
  readonly captured: Captured;
  readonly trusted: TrustResult;
  readonly delivery: FileRef | undefined;
  readonly tested: TestReport | undefined;
  readonly engine: Pick<Engine, 'verify' | 'records' | 'runFolder' | 'started'>;
  /** Whose signatures it gets. */
  readonly signing: Signing;
  readonly output: Output;
  readonly there: LyingThere;
}

export interface Delivered {
  /** The finished folder. */
  readonly output: string;
  readonly manifest: Manifest;
  readonly records: readonly StageRecord[];
  /** What in it is for its owner alone, in words. */
  readonly held: readonly string[];
  /** Id of the key that has signed what is stated of it. */
  readonly signedBy: string | undefined;
}

/** Puts images, package list, manifest and sums into `out/<name>/`, unless the very same lies there already. */
export const deliver = async (input: DeliverInput): Promise<Delivered> => {
  const { loaded, origin, captured, trusted, delivery, tested, engine, output, there, signing } = input;
  const { records } = engine;
  const { name } = loaded.recipe;
  const made = await manifestOf(input);
  const { sbom: forms } = loaded.recipe.capture;
  const same = (await hasRecord(there, trusted)) ? await sameAsBefore(there, made, { captured, forms }) : undefined;
  const known = same && (await isAttested(there.folder, same, signing)) ? same : undefined;
  const held = { image: heldByImage(loaded), medium: delivery ? await heldByMedium(loaded) : [] };
  const all = [...new Set([...held.image, ...held.medium])];
  const signedBy = signing.signer?.public.id;
  if (known) return { output: output.final, manifest: known, records, held: all, signedBy };
  await engine.verify([captured, trusted, delivery]);
  const placed: FileRef[] = [];
  for (const { file } of captured.images)
    placed.push(await place(file, join(output.folder, basename(file.path)), held.image));
  if (delivery) placed.push(await place(delivery, join(output.folder, mediumName(name)), held.medium));
  placed.push(await place(trusted.record, join(output.folder, RECORD), []));
  const sbom = await deliverBills(forms, { manifest: made, captured, trusted, origin: input.origin }, output.folder);
  const manifest = sbom.length === 0 ? made : { ...made, sbom };
  await writeFileWhole(join(output.folder, 'packages.txt'), packageLines(captured.packages));
  for (const [file, text] of Object.entries(testFiles(tested))) await writeFileWhole(join(output.folder, file), text);
  await writeFileWhole(join(output.folder, 'manifest.json'), manifestText(manifest));
  const run = { folder: engine.runFolder, started: engine.started };
  await attestOutput(output.folder, { loaded, origin, manifest, run, tested }, signing);
  const sign = () => signSums(output.folder, signing, `${name} ${loaded.recipe.version}`);
  return { output: await output.publish(placed, sign), manifest, records, held: all, signedBy };
};

export interface DeliveredMedium {
  /** The finished file. */
  readonly output: string;
  readonly medium: FileRef;
  /** What the recipe added to its packages. */
  readonly added?: PackageRepository | undefined;
  /** What in it is for its owner alone, in words. */
  readonly held: readonly string[];
  /** Each way to boot, and whether it comes to the unattended entry. */
  readonly ways: readonly UnattendedWay[];
}

export const deliverMedium = async (
  medium: FileRef,
  loaded: LoadedRecipe,
  { engine, output }: { readonly engine: Pick<Engine, 'verify'>; readonly output: string },
): Promise<DeliveredMedium> => {
  await engine.verify(medium);
  const final = resolve(output);
  const temporary = temporaryName(final);
  const held = await heldByMedium(loaded);
  await makeFolders(dirname(final));
  try {
    await place(medium, temporary, held);
    await publish(temporary, final);
  } finally {
    await rm(temporary, { force: true });
  }
  return { output: final, medium, held, ways: unattendedWays(await readBootMenus(await readMedium(final))) };
};

const mediumName = (name: string): string => `${name}.iso`;

/**
 * A reflink or copy, never a hard link: what a user does to his image must not reach the store. cp(1) keeps the holes
 * of a raw image; Node's copyFile fills them.
 */
const place = async (file: FileRef, path: string, held: readonly string[]): Promise<FileRef> => {
  // cp keeps the mode of what is there.
  await writeFile(path, '', { flag: 'wx', mode: held.length > 0 ? 0o600 : 0o644 });
  await run('cp', ['--reflink=auto', '--sparse=auto', '--no-target-directory', file.path, path]).catch((cause) => {
    if (!(cause instanceof IngotError && /No space left|quota/i.test(cause.detail ?? ''))) throw cause;
    throw new IngotError('host.no-space', `no room for ${basename(path)}`, {
      where: dirname(path),
      hint: 'Free some space, or choose another output folder; the same command goes on from the store.',
      cause,
    });
  });
  return { ...file, path };
};

const manifestOf = async ({
  loaded,
  origin,
  captured,
  trusted,
  delivery,
  tested,
  engine,
}: DeliverInput): Promise<Manifest> => {
  const { recipe } = loaded;
  const lock = statedLock(loaded);
  return {
    manifestVersion: 1,
    name: recipe.name,
    version: recipe.version,
    ...(recipe.description === undefined ? {} : { description: recipe.description }),
    created: new Date().toISOString(),
    os: recipe.os,
    recipe: { file: basename(loaded.path), digest: loaded.digest },
    ...(lock === undefined ? {} : { lock }),
    origin: { ...manifestOrigin(recipe, origin), chain: chainOf(loaded, origin) },
    ...(origin.lock === undefined
      ? {}
      : {
          installer: {
            standIns: origin.lock.standInChoice,
            components: origin.lock.udebs.map(({ name, version }) => ({ name, version })),
          },
        }),
    standIns: manifestStandIns(origin),
    tools: {
      ingot: ingotVersion(),
      'qemu-system-x86_64': await toolVersion('qemu-system-x86_64'),
      'qemu-img': await toolVersion('qemu-img'),
      xorriso: await toolVersion('xorriso'),
      node: process.versions.node,
    },
    images: captured.images.map(({ format, file, virtualSize, below }) => ({
      file: basename(file.path),
      ...(below === undefined ? {} : { over: below }),
      format,
      virtualSize,
      size: file.size,
      sha256: file.sha256,
    })),
    ...(delivery
      ? {
          medium: {
            file: mediumName(recipe.name),
            size: delivery.size,
            sha256: delivery.sha256,
            ...(await statedChanges(recipe, origin.added)),
          },
        }
      : {}),
    trust: { verdict: trusted.judgement.verdict, files: trusted.counts },
    ...testedText(tested),
    seal: {
      operations: (await sealUnitsOf(recipe))
        .map(({ name }) => name)
        .filter((name) => !recipe.seal.skip.includes(name)),
      skipped: recipe.seal.skip,
    },
    stages: engine.records.map(({ stage, duration, cached }) => ({
      name: stage,
      ...(cached ? {} : { duration: Math.round(duration) }),
      cached,
    })),
    packages: captured.packages,
  };
};

const testedText = (tested: TestReport | undefined): Pick<Manifest, 'tests'> => {
  const text = testFiles(tested)['tests.json'];
  if (tested === undefined || text === undefined) return {};
  return { tests: { verdict: tested.verdict, results: tested.results.length, sha256: sha256(text) } };
};
