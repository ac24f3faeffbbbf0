/** The last step of a netboot: what was made of the medium goes where the user wants it, whole or not at all. */
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Output } from '../capture/output.ts';
import { type FileRef, requireSpace, writeFileWhole } from '../host/files.ts';
import { ingotVersion } from '../host/project.ts';
import { INITRD, makeNetboot } from '../media/netboot/netboot.ts';
import type { Engine } from '../pipeline/engine.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import { silentReporter } from '../report.ts';
import { heldByMedium } from './held.ts';

export interface DeliveredNetboot {
  /** The finished folder. */
  readonly output: string;
  readonly commandLine: string;
  /** Bytes of memory that a machine needs for the unpacked initrd. */
  readonly memory: number;
  /** What in the initrd is for its owner alone, in words. */
  readonly held: readonly string[];
}

interface Options {
  readonly engine: Pick<Engine, 'verify'>;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export const deliverNetboot = async (
  medium: FileRef,
  loaded: LoadedRecipe,
  { engine, output, signal }: Options,
): Promise<DeliveredNetboot> => {
  const { recipe } = loaded;
  await engine.verify(medium);
  await requireSpace(output.folder, 2 * medium.size, 'the netboot folder');
  const options = { iso: medium.path, folder: output.folder, start: recipe.media.start };
  const made = await makeNetboot({ ...options, reporter: silentReporter, signal });
  const manifest = {
    manifestVersion: 1,
    kind: 'netboot',
    name: recipe.name,
    version: recipe.version,
    os: recipe.os,
    ingot: ingotVersion(),
    medium: { size: medium.size, sha256: medium.sha256 },
    commandLine: made.commandLine,
    memory: made.memory,
  };
  await writeFileWhole(join(output.folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const held = await heldByMedium(loaded);
  if (held.length > 0) await chmod(join(output.folder, INITRD), 0o600);
  return { ...made, held, output: await output.publish() };
};
