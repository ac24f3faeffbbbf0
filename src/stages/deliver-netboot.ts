/** The last step of a netboot: what was made of the medium goes where the user wants it, whole or not at all. */
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Output } from '../capture/output.ts';
import { IngotError } from '../errors.ts';
import { type FileRef, requireSpace, writeFileWhole } from '../host/files.ts';
import { ingotVersion } from '../host/project.ts';
import { type ServedTree, TREE } from '../media/netboot/anaconda.ts';
import { makeNetboot, type Netboot } from '../media/netboot/netboot.ts';
import type { Engine } from '../pipeline/engine.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { Recipe } from '../recipe/schema.ts';
import { silentReporter } from '../report.ts';
import { renderLoaded } from './answers.ts';
import { heldByMedium } from './held.ts';

export interface DeliveredNetboot extends Netboot {
  /** The finished folder. */
  readonly output: string;
  /** Names of the hosts that are told apart. */
  readonly hosts: readonly string[];
  /** What in the initrd is for its owner alone, in words. */
  readonly held: readonly string[];
}

interface Options {
  readonly engine: Pick<Engine, 'verify'>;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly url: string | undefined;
}

/**
 * Where a server shows the folder of one netboot; `below` is its own name where several are made. Throws
 * `usage.netboot-url` when it is missing, no address, or of no use.
 */
export const servedAt = ({ os }: Recipe, url: string | undefined, below?: string): string | undefined => {
  const isFetched = os.family !== 'debian';
  if (isFetched === (url !== undefined)) {
    if (url === undefined) return undefined;
    const { protocol } = URL.parse(url) ?? {};
    if (/^(https?|ftp):$/.test(protocol ?? '') && /^[\x21-\x7e]+$/.test(url) && !/[?#"'\\]/.test(url))
      return [url.replace(/\/+$/, ''), ...(below === undefined ? [] : [below])].join('/');
  }
  const hint = 'Name the place where your server shows the folder: --url http://192.0.2.1:8000';
  if (!isFetched)
    throw new IngotError('usage.netboot-url', 'debian-installer has its medium in the initrd, and fetches nothing', {
      hint: 'Leave out --url.',
    });
  if (url === undefined)
    throw new IngotError(
      'usage.netboot-url',
      'Anaconda fetches its second stage and packages, and is not told from where',
      { hint },
    );
  throw new IngotError('usage.netboot-url', `${url} is no place that Anaconda fetches from`, { hint });
};

export const deliverNetboot = async (
  medium: FileRef,
  loaded: LoadedRecipe,
  { engine, output, signal, url }: Options,
): Promise<DeliveredNetboot> => {
  const { recipe } = loaded;
  await engine.verify(medium);
  await requireSpace(output.folder, 2 * medium.size, 'the netboot folder');
  const served = url === undefined ? undefined : await servedTree(loaded, url);
  const { hosts } = loaded;
  const table = hosts.length === 0 ? undefined : { hosts, unknown: recipe.media.unknownHost };
  const options = { iso: medium.path, folder: output.folder, start: recipe.media.start, table, served };
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
    ...(url === undefined ? {} : { url }),
    ...(hosts.length === 0 ? {} : { hosts: hosts.map(({ name }) => name) }),
  };
  await writeFileWhole(join(output.folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const held = await heldByMedium(loaded);
  if (held.length > 0) await chmod(join(output.folder, made.initrd), 0o600);
  return { ...made, held, hosts: hosts.map(({ name }) => name), output: await output.publish() };
};

/** The kickstart of a medium says that its packages are on a CD; here they are in the tree, unless there is a mirror. */
const servedTree = async (loaded: LoadedRecipe, url: string): Promise<ServedTree> => {
  const hasPackages = !('mirror' in loaded.recipe.origin && loaded.recipe.origin.mirror !== undefined);
  const source = hasPackages ? fromTree(loaded, `${url}/${TREE}`) : loaded;
  const { initrd } = await renderLoaded({ loaded: source, purpose: 'delivery' });
  return { url, hasPackages, answers: initrd.map((file) => ({ type: 'file', ...file })) };
};

const fromTree = (loaded: LoadedRecipe, mirror: string): LoadedRecipe => ({
  ...loaded,
  recipe: { ...loaded.recipe, origin: { ...loaded.recipe.origin, mirror } },
  hosts: loaded.hosts.map((host) => ({ ...host, loaded: fromTree(host.loaded, mirror) })),
});
