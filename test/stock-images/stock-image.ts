/**
 * Disk images as others make them, for tests of a disk as an origin: made by the makers' own tools, from the archive that the host's
 * apt names, and kept by what they are made of. README.md says more.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { keep } from '../real-installer/made.ts';
import { aptLines } from './apt-lines.ts';
import type { Maker } from './maker.ts';
import { MAKERS, type StockName } from './makers.ts';
import { requireHost } from './needs.ts';
import { versionsToday } from './root-folder.ts';

export interface Options {
  /** The cache: kept between runs. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  /** A line on what is being done. */
  readonly tell?: (line: string) => void;
}

/** Path of the image. Throws `NotMade` where this host cannot make it, and what a mirror without it is told by. */
export const stockImage = async (name: StockName, options: Options): Promise<string> => {
  const { folder, signal, tell = () => {} } = options;
  const maker: Maker = MAKERS[name];
  await requireHost(name, maker.needs);
  await mkdir(folder, { recursive: true });
  const base = maker.from === undefined ? '' : await stockImage(maker.from, options);
  const apt = await aptLines(maker.release, join(folder, 'keys'));
  const versions = maker.packages.length === 0 ? [] : await versionsToday(apt, maker.packages, signal);
  const tools = await toolVersions(maker.needs.packages);
  const { release, format, definition } = maker;
  const inputs = [await codeDigest(maker.code), release, format, definition, tools, versions, base];
  const file = `${name}.${format === 'qcow2' ? 'qcow2' : 'img'}`;
  const kept = await keep(folder, name, sha256(JSON.stringify(inputs)), async (to) => {
    tell(`${name}: is made`);
    await using work = await temporaryFolder('.stock-', folder);
    await maker.make(join(to, file), { apt, work: work.path, signal, tell, base });
  });
  return join(kept, file);
};

const toolVersions = async (packages: readonly string[]): Promise<string> =>
  (await run('dpkg-query', ['--show', ...packages])).stdout;

const codeDigest = async (names: readonly string[]): Promise<string> =>
  sha256(JSON.stringify(await Promise.all(names.map((name) => readFile(join(import.meta.dirname, name), 'utf8')))));
