/** The last step of a netboot: what was made of the medium goes where the user wants it, whole or not at all. */
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Output } from '../../capture/output.ts';
import { distributionOf } from '../../distributions/find.ts';
import { IngotError } from '../../errors.ts';
import { type FileRef, requireSpace, writeFileWhole } from '../../host/files.ts';
import { ingotVersion } from '../../host/project.ts';
import { makeNetboot, type Netboot } from '../../media/netboot/netboot.ts';
import { ANSWERS, ownAnswers } from '../../media/netboot/script-hosts.ts';
import type { Engine } from '../../pipeline/engine.ts';
import type { LoadedRecipe } from '../../recipe/load.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { silentReporter } from '../../report.ts';
import { heldByMedium } from './held-results.ts';
import { netbootHosts, servedTree } from './netboot-answers.ts';

export interface DeliveredNetboot extends Netboot {
  /** The finished folder. */
  readonly output: string;
  /** Names of the hosts that are told apart. */
  readonly hosts: readonly string[];
  /** What in the initrd, or in those of the hosts, is for its owner alone, in words. */
  readonly held: readonly string[];
  /** Whether the answers of all hosts are there in one file, too. */
  readonly isShared: boolean;
}

interface Options {
  readonly engine: Pick<Engine, 'verify'>;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly url: string | undefined;
  /** Whether the answers of all hosts may lie there as well, for what a boot loader cannot tell. */
  readonly withTable: boolean;
}

/**
 * Where a server shows the folder of one netboot; `below` is its own name where several are made. Throws
 * `usage.netboot-url` when it is missing, no address, or of no use.
 */
export const servedAt = async (
  recipe: Recipe,
  url: string | undefined,
  below?: string,
): Promise<string | undefined> => {
  const { isFetched } = (await distributionOf(recipe)).netboot;
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
      'Anaconda must be told from where it fetches its second stage and packages',
      { hint },
    );
  throw new IngotError('usage.netboot-url', `Anaconda cannot fetch from ${url}`, { hint });
};

/** Throws `usage.netboot-table` where nothing would be left out, or where a machine could get another one's answers. */
export const requireNoTable = ({ recipe, hosts }: LoadedRecipe): void => {
  if (hosts.length === 0)
    throw new IngotError(
      'usage.netboot-table',
      'there is no table to leave out: this netboot is not for several hosts',
      {
        hint: 'Leave out --no-table.',
      },
    );
  if (recipe.media.unknownHost === 'recipe')
    throw new IngotError(
      'usage.netboot-table',
      'without the table a host that the boot loader cannot identify would be installed as an unknown machine',
      { hint: 'Leave out --no-table, or `media.unknownHost: recipe` in the recipe.' },
    );
};

export const deliverNetboot = async (
  medium: FileRef,
  loaded: LoadedRecipe,
  { engine, output, signal, url, withTable }: Options,
): Promise<DeliveredNetboot> => {
  const { recipe } = loaded;
  await engine.verify(medium);
  await requireSpace(output.folder, 2 * medium.size, 'the netboot folder', 'write it to another place');
  const { hosts: all } = loaded;
  const served = url === undefined ? undefined : await servedTree(loaded, url);
  const hosts = all.length === 0 ? undefined : await netbootHosts(served?.source ?? loaded, withTable);
  const options = { iso: medium.path, folder: output.folder, start: recipe.media.start, hosts, served: served?.tree };
  const made = await makeNetboot({ ...options, reporter: silentReporter, signal });
  const isShared = hosts?.table.isShared ?? false;
  const names = all.map(({ name }) => name);
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
    ...(hosts === undefined ? {} : { hosts: names, answers: ownAnswers('NAME') }),
    ...(isShared ? { table: ANSWERS } : {}),
  };
  await writeFileWhole(join(output.folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const held = await heldByMedium(loaded);
  // Those of hosts are in files of their own.
  if (held.length > 0 && hosts === undefined) await chmod(join(output.folder, made.initrd), 0o600);
  return { ...made, held, hosts: names, isShared, output: await output.publish() };
};
