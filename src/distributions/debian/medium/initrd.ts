/**
 * The cpio that is appended to debian-installer's initrd on an assembled medium: udebs and stand-ins as if anna had
 * fetched and unpacked them (which takes it half a minute), so that the installer never looks for components.
 */

import { join } from 'node:path';
import { throwIfInterrupted } from '../../../errors.ts';
import { type CpioEntry, cpioArchive, withParents } from '../../../formats/archives/cpio.ts';
import { readCpio } from '../../../formats/archives/cpio-reader.ts';
import type { Pieces } from '../../../formats/byte-source.ts';
import { zstd } from '../../../formats/compression/compression.ts';
import { temporaryFolder } from '../../../host/files.ts';
import { ownComponent, standInComponent, udebComponent, unpackAll } from './component-files.ts';
import { familyOf, readComponents } from './components.ts';
import { infoEntries, installedNames, mergeStatus, noStatus, packageOf, STATUS } from './installer-status.ts';
import { isModuleInput, moduleIndexes, placeModule } from './kernel-modules.ts';
import { overlaid } from './tree-entries.ts';

export interface InitrdParts {
  /** Debian's initrd, as the boot loader would load it. */
  readonly baseInitrd: Pieces;
  /** `12`: whose table says what belongs to the installer. */
  readonly release: string;
  readonly kernelRelease: string;
  /** Files of real udebs to preload. */
  readonly udebs: readonly string[];
  /** Names of the stand-ins. */
  readonly standIns: readonly string[];
  /** Files of the ordinary packages that stand-ins take files from, by package name. */
  readonly debs: ReadonlyMap<string, string>;
  /** Where everything is unpacked for a while. */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

/** Of no use in an installer. */
const UNUSED = /^usr\/share\/(?:doc|lintian|man)(?:\/|$)/;

/**
 * The compressed archive, in pieces; the same bytes for the same parts. Throws `origin.installer-invalid` when the base
 * is not debian-installer's, `origin.stand-in-missing` when a stand-in or a package for it is not there.
 */
export async function* installerInitrd(parts: InitrdParts): AsyncGenerator<Buffer> {
  const { kernelRelease, udebs, debs, signal } = parts;
  await using work = await temporaryFolder('.initrd-', parts.folder);
  const [unpacked, modules] = [join(work.path, 'unpacked'), join(work.path, 'modules')];
  const base = await readBase(parts, modules);
  const { families, leaveOut, own } = readComponents(parts.release);
  const wanted = parts.standIns.map((name) => familyOf(name, families));
  const fromDebs = [...debs].filter(([name]) =>
    wanted.some((family) => family.debs.some((one) => one.package === name)),
  );
  await unpackAll([...new Set([...udebs, ...fromDebs.map(([, deb]) => deb)])], unpacked, signal);
  const components = [
    ...(await Promise.all(udebs.map((udeb) => udebComponent(udeb, unpacked)))),
    ...(await Promise.all(wanted.map((family) => standInComponent(family, debs, unpacked)))),
    ...(await Promise.all(own.map(({ name }) => ownComponent(name)))),
  ];
  const installed = new Set(installedNames(base.status));
  const added = components.filter(({ component }) => !installed.has(packageOf(component.control)));
  const files = overlaid(...added.map(({ component, files }) => [...files, ...infoEntries(component)])).filter(
    ({ path }) => !UNUSED.test(path),
  );
  for (const entry of files)
    if (entry.type === 'file' && isModuleInput(entry.path, kernelRelease)) await placeModule(modules, entry);
  const indexes = await moduleIndexes(modules, kernelRelease, signal);
  const merged = mergeStatus(
    base.status,
    added.map(({ component }) => component),
    leaveOut,
  );
  const database: CpioEntry = { type: 'file', path: STATUS, mode: 0o644, content: merged };
  const entries = overlaid(files, indexes, [database]).filter(
    ({ type, path }) => type !== 'directory' || !base.paths.has(path),
  );
  for await (const piece of zstd(cpioArchive(withParents(entries, base.paths)))) {
    throwIfInterrupted(signal);
    yield piece;
  }
}

/** What matters of the base: its paths, its package database, and its modules, laid out below `modules`. */
const readBase = async ({ baseInitrd, kernelRelease }: InitrdParts, modules: string) => {
  const paths = new Set<string>();
  let status: string | undefined;
  const isWanted = (path: string) => path === STATUS || isModuleInput(path, kernelRelease);
  for await (const entry of readCpio(baseInitrd, isWanted)) {
    paths.add(entry.path);
    if (entry.type !== 'file' || entry.content === undefined) continue;
    if (entry.path === STATUS) status = Buffer.from(entry.content).toString('utf8');
    else await placeModule(modules, { path: entry.path, content: entry.content });
  }
  if (status !== undefined) return { paths, status };
  throw noStatus();
};
