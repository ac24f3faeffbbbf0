/** The work of *prepare*. */

import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { doorCredentials } from '../../adopt/credential.ts';
import { readForeignSystem } from '../../adopt/foreign-system.ts';
import { growDisk, requireNotSmaller } from '../../adopt/grow.ts';
import { requireAccess, writeAccess } from '../../adopt/offline.ts';
import { requireUsable } from '../../adopt/require-usable.ts';
import { writeSeed } from '../../adopt/seed.ts';
import { wayInto } from '../../adopt/ways-in.ts';
import { convert } from '../../capture/convert.ts';
import { type GuestFiles, openGuestFiles } from '../../capture/guest-files.ts';
import { createLayer, writeLayer } from '../../capture/layer.ts';
import { type OpenImage, openImage } from '../../capture/open-image.ts';
import { type OsRelease, osRelease } from '../../distributions/family-of.ts';
import { adoptionOf, systemOf } from '../../distributions/find-image.ts';
import { IngotError } from '../../errors.ts';
import { fileRef, requireSpace } from '../../host/files.ts';
import { sparsePieces } from '../../host/sparse-digest.ts';
import type { StageContext } from '../../pipeline/stage.ts';
import type { WayIn } from '../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';
import type { Reporter } from '../../report.ts';
import type { Adopted, Base } from '../base.ts';
import { askedSize, type PrepareInput } from './prepare-input.ts';

export const prepareDisk = async (
  { loaded, origin, obtained, title }: PrepareInput,
  { dir, reporter, signal }: StageContext,
): Promise<Base> => {
  const { image, format } = obtained;
  reporter.phase('read from outside');
  const { size: from, wayIn, hasCloudInit } = await look(image.path, { loaded, origin, title }, reporter, signal);
  const to = askedSize(loaded) ?? from;
  reporter.phase('way in');
  const [entry, stage] = [dirname(image.path), dirname(dirname(image.path))].map((folder) => basename(folder));
  const backing = join('..', '..', stage ?? '', entry ?? '', basename(image.path));
  const layer = { path: join(dir, 'disk.qcow2'), image: { path: image.path, format, backing }, size: to, signal };
  if (wayIn !== 'offline' && to === from) await createLayer(layer);
  else {
    await requireSpace(dir, SPACE_SHARE * image.size, 'a copy of the image');
    const copy = join(dir, 'copy.raw');
    await convert({ path: image.path, format }, { path: copy, format: 'raw' }, { reporter, signal });
    const { digests: before } = await sparsePieces(copy, signal);
    const files = await openGuestFiles(copy);
    await growDisk(files, { from, to, signal });
    if (wayIn === 'offline') {
      await writeAccess(files, signal);
      await requireAccess(await openGuestFiles(copy));
    }
    await writeLayer({ ...layer, copy, before });
    await rm(copy);
  }
  const adopted: Adopted = {
    wayIn,
    image,
    oemStrings: wayIn === 'credential' ? doorCredentials() : [],
    hasCloudInit,
  };
  const disk = await fileRef(layer.path, signal);
  if (wayIn !== 'cloud-init') return { disk, adopted };
  const seed = join(dir, 'seed.iso');
  await writeSeed(seed, signal);
  return { disk, adopted: { ...adopted, seed: await fileRef(seed, signal) } };
};

/** A compressed image is several times as large when it is not. */
const SPACE_SHARE = 4;

interface Seen {
  /** Of the disk, bytes. */
  readonly size: number;
  readonly wayIn: WayIn;
  readonly hasCloudInit: boolean;
}

/** Throws unless the build can begin with the image. */
const look = async (
  path: string,
  { loaded, origin, title }: Omit<PrepareInput, 'obtained'>,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Seen> => {
  const { recipe } = loaded;
  await using opened = await openForeign(path, title, signal);
  const { disk, files } = opened;
  const release = await osRelease(files);
  await requireThisSystem(release, recipe, title);
  const system = await readForeignSystem(files);
  requireNotSmaller(title, disk.size, askedSize(loaded) ?? disk.size);
  requireUsable(system, { image: title, recipe, grows: (askedSize(loaded) ?? 0) > disk.size });
  const wayIn = wayInto(origin.access, { ...system, systemd: await systemdOf(files, recipe) });
  reporter.line(`${release.get('PRETTY_NAME') ?? release.get('ID') ?? 'a system'}, entered by ${wayIn}`);
  return { size: disk.size, wayIn, hasCloudInit: system.hasCloudInit };
};

/** What cannot be read from outside could not be checked after the build either. */
const openForeign = async (path: string, image: string, signal: AbortSignal): Promise<OpenImage> => {
  try {
    return await openImage(path, signal);
  } catch (error) {
    if (!(error instanceof IngotError) || !/^capture\.no-(system|partition-table)$/.test(error.code)) throw error;
    throw new IngotError('origin.image-not-readable', 'the system in the image cannot be read from outside', {
      where: image,
      detail: error.code === 'capture.no-system' ? error.detail : 'it has no partition table',
      hint: 'Ingot reads ext4 on plain partitions only, to check what it delivers: no btrfs, XFS, LVM or encryption.',
      cause: error,
    });
  }
};

const requireThisSystem = async (release: OsRelease, recipe: Recipe, image: string): Promise<void> => {
  const adoption = await adoptionOf(recipe);
  if (adoption.isThis(release, recipe.os)) return;
  throw new IngotError(
    'origin.image-other-system',
    `the image is not ${recipe.os.family} ${recipe.os.release}, but ${release.get('PRETTY_NAME') ?? 'another system'}`,
    {
      where: image,
      detail: `its os-release says ID=${release.get('ID') ?? ''} VERSION_ID=${release.get('VERSION_ID') ?? ''}`,
      hint: 'Correct `os`, or take another image. Ingot only builds on what it can seal.',
    },
  );
};

const systemdOf = async (files: GuestFiles, recipe: Recipe): Promise<number | undefined> => {
  const { packages } = await systemOf(recipe);
  const version = (await packages(files)).find(({ name }) => name === 'systemd')?.version;
  const major = /^(?:\d+:)?(\d+)/.exec(version ?? '')?.[1];
  return major === undefined ? undefined : Number(major);
};
