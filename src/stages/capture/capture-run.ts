/** The work of *capture*. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertSealed } from '../../capture/assert-sealed.ts';
import { convert } from '../../capture/convert.ts';
import { IMAGE_FORMATS } from '../../capture/formats.ts';
import { openGuestFiles } from '../../capture/guest-files.ts';
import { compressLayer, writeLayer } from '../../capture/layer.ts';
import { needlesOf } from '../../capture/needles.ts';
import type { Expected } from '../../capture/portability-finding.ts';
import { privateKeysIn } from '../../capture/private-keys.ts';
import { scrubFreeBlocks } from '../../capture/scrub.ts';
import { sealUnitsOf, systemOf } from '../../distributions/find-image.ts';
import { inventoryOf } from '../../distributions/inventory.ts';
import { openSubject } from '../../distributions/open-subject.ts';
import { IngotError } from '../../errors.ts';
import { type FileRef, fileRef, requireSpace, writeFileWhole } from '../../host/files.ts';
import { fileWithSparseDigest, sparsePieces } from '../../host/sparse-digest.ts';
import { saidOf } from '../../inspect/budget.ts';
import { INSPECTION, inspect } from '../../inspect/inspect.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import { isImage } from '../../recipe/schema/origin-schema.ts';
import { passwordHashesOf } from '../../recipe/secrets/secrets.ts';
import { inventoryText } from '../../sbom/inventory.ts';
import type { ObtainedImage } from '../origin/obtain-stage.ts';
import { sideBySide } from '../side-by-side.ts';
import { assertQuiet } from './assert-quiet.ts';
import type { Captured, CapturedImage, CaptureInput } from './captured.ts';
import { judgeBudget } from './judge-budget.ts';
import { rebuildRaw } from './rebuild-raw.ts';

export const captureDisk = async (
  { loaded, configured, below, lock }: CaptureInput,
  context: StageContext,
): Promise<Captured> => {
  const { recipe } = loaded;
  const { dir, reporter, signal } = context;
  await requireSpace(dir, 3 * configured.disk.size, 'capturing the disk');
  // It stays when the recipe asks for it, and as evidence when something is found on it.
  const raw = join(dir, `${recipe.name}.raw`);
  reporter.phase('flatten');
  const source = { path: configured.disk.path, format: 'qcow2' as const };
  const flat = await convert(source, { path: raw, format: 'raw' }, { reporter, signal });
  const order = recipe.capture.reproducible ? 'of the disk' : 'as it comes';
  if (recipe.capture.reproducible) await rebuildRaw(raw, loaded, lock, context);
  const packages = await judge(raw, { loaded, configured }, context);
  const { formats } = recipe.capture;
  reporter.phase(formats.join(', '));
  const images = await sideBySide(formats, signal, async (format, signal): Promise<CapturedImage> => {
    const path = join(dir, `${recipe.name}.${IMAGE_FORMATS[format].extension}`);
    if (below !== undefined) await writeThin(raw, path, below, flat.virtualSize, context);
    else if (format !== 'raw')
      await convert({ path: raw, format: 'raw' }, { path, format }, { reporter, signal, order });
    const over = below && { below: { file: below.name, sha256: below.published } };
    return { format, virtualSize: flat.virtualSize, ...over, ...(await fileWithSparseDigest(path, signal)) };
  });
  if (saidOf(recipe.slim.budget) !== undefined) {
    reporter.phase('budget');
    const kept = await judgeBudget(recipe.slim, { raw, images, packages: packages.length, signal });
    reporter.line(`slim.budget is kept: ${kept}`);
  }
  const inventory = await lookInside(raw, { isBilled: recipe.capture.sbom.length > 0 }, context);
  if (!formats.includes('raw')) await rm(raw);
  return { images, packages, ...(inventory === undefined ? {} : { inventory }) };
};

/**
 * What is in it, for the page of the run, and for the bill of materials. Of the raw disk: a thin image cannot be read by itself, and
 * what the forms of a bill add to it is known at delivery.
 */
const lookInside = async (
  raw: string,
  { isBilled }: { readonly isBilled: boolean },
  { dir, runFolder, reporter, signal }: StageContext,
): Promise<FileRef | undefined> => {
  reporter.phase(isBilled ? 'bill of materials' : 'look inside');
  await using subject = await openSubject(raw, signal);
  await writeFileWhole(join(runFolder, INSPECTION), JSON.stringify(await inspect(subject)));
  if (!isBilled) return undefined;
  const path = join(dir, 'inventory.json');
  await writeFileWhole(path, inventoryText(await inventoryOf(subject, signal)));
  return fileRef(path);
};

/**
 * Made from the raw disk: that one was checked, and what was freed on it is gone. Throws `capture.thin-parent` when nobody has the
 * image below as this build has it.
 */
const writeThin = async (
  raw: string,
  path: string,
  { image, format, published, name }: ObtainedImage,
  size: number,
  { dir, reporter, signal }: StageContext,
): Promise<void> => {
  if (image.sha256 !== published)
    throw new IngotError('capture.thin-parent', `nobody has ${name} as this build used it: it was made a qcow2 first`, {
      where: 'capture.thin',
      hint: 'Begin with an image that is a qcow2 already, as the platform keeps it, or leave `capture.thin` out.',
    });
  const before = join(dir, 'below.raw');
  await convert({ path: image.path, format }, { path: before, format: 'raw' }, { reporter, signal });
  const { digests } = await sparsePieces(before, signal);
  await rm(before);
  const layer = join(dir, 'layer.qcow2');
  const below = { path: image.path, format, backing: image.path };
  await writeLayer({ copy: raw, before: digests, path: layer, image: below, size, signal });
  await compressLayer(layer, path, { image: { ...below, backing: name }, signal });
  await rm(layer);
};

const judge = async (raw: string, { loaded, configured }: CaptureInput, { reporter, signal }: StageContext) => {
  const { recipe, secrets } = loaded;
  reporter.phase('read from outside');
  const files = await openGuestFiles(raw);
  await scrubFreeBlocks(files, signal);
  const needles = needlesOf({
    publicKeys: configured.buildKeys,
    secrets,
    passwordHashes: hashesOf(loaded),
  });
  const units = await sealUnitsOf(recipe);
  await assertSealed(files, { units, seal: recipe.seal }, needles, { reporter, signal });
  if (recipe.telemetry.off.length > 0) await assertQuiet(raw, recipe.telemetry, { reporter, signal });
  const keys = await privateKeysIn(files);
  if (keys.length > 0) reporter.note(`this image has private keys, which all its clones share: ${keys.join(', ')}`);
  const system = await systemOf(recipe);
  for (const { rule, message } of await system.portability(files, expectedOf(loaded))) {
    reporter.note(`this image may not run everywhere: ${rule}: ${message}`);
  }
  return system.packages(files);
};

/** Those of a recipe below came with its image. */
const hashesOf = ({ recipe, secrets, parent }: LoadedRecipe): string[] => [
  ...passwordHashesOf(recipe, secrets),
  ...(parent === undefined ? [] : hashesOf(parent)),
];

/** An installed system is throughout as the recipe says; in an image, the rest is as its maker left it. */
const expectedOf = ({ recipe: { origin, answers }, stated }: LoadedRecipe): Expected => {
  if (!isImage(origin)) return answers;
  return {
    consoles: stated.has('answers.consoles') ? answers.consoles : [],
    kernelArguments: answers.kernelArguments,
    cloudInit: stated.has('answers.cloudInit') ? answers.cloudInit : undefined,
    repositories: answers.repositories,
  };
};
