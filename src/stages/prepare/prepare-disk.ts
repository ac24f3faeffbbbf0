/** The work of *prepare*. */

import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { doorCredentials } from '../../adopt/credential.ts';
import { type ForeignSystem, readForeignSystem } from '../../adopt/foreign-system.ts';
import { growDisk } from '../../adopt/grow.ts';
import { writeLayer } from '../../adopt/layer.ts';
import { requireAccess, writeAccess } from '../../adopt/offline.ts';
import { requireUsable } from '../../adopt/require-usable.ts';
import { writeSeed } from '../../adopt/seed.ts';
import { wayInto } from '../../adopt/ways-in.ts';
import { convert } from '../../capture/convert.ts';
import { type GuestFiles, openGuestFiles } from '../../capture/guest-files.ts';
import { adoptionOf, systemOf } from '../../distributions/find-image.ts';
import { IngotError } from '../../errors.ts';
import { fileRef, requireSpace } from '../../host/files.ts';
import { sparsePieces } from '../../host/sparse-digest.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { Recipe } from '../../recipe/schema.ts';
import type { Adopted, Base } from '../base.ts';
import { askedSize, type PrepareInput } from './prepare-input.ts';

export const prepareDisk = async (
  { loaded, origin, obtained, title }: PrepareInput,
  { dir, reporter, signal }: StageContext,
): Promise<Base> => {
  const { recipe } = loaded;
  const { image, format } = obtained;
  await requireSpace(dir, 4 * image.size, 'looking into the image');
  reporter.phase('read from outside');
  const copy = join(dir, 'copy.raw');
  const flat = await convert({ path: image.path, format }, { path: copy, format: 'raw' }, { reporter, signal });
  const files = await openForeign(copy, title);
  const system = await readForeignSystem(files);
  await requireThisSystem(system, recipe, title);
  const size = askedSize(loaded) ?? flat.virtualSize;
  requireUsable(system, { image: title, recipe, grows: size > flat.virtualSize });
  const systemd = await systemdOf(files, recipe);
  const wayIn = wayInto(origin.access, { ...system, systemd });
  reporter.line(`${system.release.prettyName}, entered by ${wayIn}`);
  const { digests: before } = await sparsePieces(copy, signal);
  reporter.phase('way in');
  await growDisk(files, { from: flat.virtualSize, to: size, signal });
  if (wayIn === 'offline') {
    await writeAccess(files, signal);
    await requireAccess(await openGuestFiles(copy));
  }
  const path = join(dir, 'disk.qcow2');
  const [entry, stage] = [dirname(image.path), dirname(dirname(image.path))].map((folder) => basename(folder));
  const backing = join('..', '..', stage ?? '', entry ?? '', basename(image.path));
  await writeLayer({ copy, before, path, image: { path: image.path, format, backing }, size, signal });
  await rm(copy);
  const adopted: Adopted = {
    wayIn,
    image,
    oemStrings: wayIn === 'credential' ? doorCredentials() : [],
    hasCloudInit: system.hasCloudInit,
  };
  const disk = await fileRef(path, signal);
  if (wayIn !== 'cloud-init') return { disk, adopted };
  const seed = join(dir, 'seed.iso');
  await writeSeed(seed, signal);
  return { disk, adopted: { ...adopted, seed: await fileRef(seed, signal) } };
};

/** What cannot be read from outside could not be judged after the build either. */
const openForeign = async (copy: string, image: string): Promise<GuestFiles> => {
  try {
    return await openGuestFiles(copy);
  } catch (error) {
    if (!(error instanceof IngotError) || !/^capture\.no-(system|partition-table)$/.test(error.code)) throw error;
    throw new IngotError('origin.image-not-readable', 'the system in the image cannot be read from outside', {
      where: image,
      detail: error.code === 'capture.no-system' ? error.detail : 'it has no partition table',
      hint: 'Ingot reads ext4 on plain partitions, and judges by it what it gives away: no btrfs, XFS, LVM or encryption.',
      cause: error,
    });
  }
};

const requireThisSystem = async ({ release }: ForeignSystem, recipe: Recipe, image: string): Promise<void> => {
  const adoption = await adoptionOf(recipe);
  if (adoption.isThis(release, recipe.os)) return;
  throw new IngotError(
    'origin.image-other-system',
    `the image is not ${recipe.os.family} ${recipe.os.release}, but ${release.prettyName || 'another system'}`,
    {
      where: image,
      detail: `its os-release says ID=${release.id} VERSION_ID=${release.versionId}`,
      hint: 'Correct `os`, or take another image. What Ingot cannot seal it does not build on.',
    },
  );
};

const systemdOf = async (files: GuestFiles, recipe: Recipe): Promise<number | undefined> => {
  const { packages } = await systemOf(recipe);
  const version = (await packages(files)).find(({ name }) => name === 'systemd')?.version;
  const major = /^(?:\d+:)?(\d+)/.exec(version ?? '')?.[1];
  return major === undefined ? undefined : Number(major);
};
