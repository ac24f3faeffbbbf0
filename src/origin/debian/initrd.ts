/**
 * The cpio that is appended to debian-installer's initrd on an assembled medium: udebs and stand-ins as if anna had
 * fetched and unpacked them (which takes it half a minute), so that the installer never looks for components.
 */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { temporaryFolder } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import { gzip } from '../../media/initrd/compression.ts';
import { type CpioEntry, withParents, writeCpio } from '../../media/initrd/cpio.ts';
import { readCpio } from '../../media/initrd/cpio-reader.ts';
import { type Family, installerFolder, readComponents } from './components.ts';
import {
  type Component,
  INFO_SUFFIXES,
  infoEntries,
  installedNames,
  mergeStatus,
  packageOf,
  withoutTranslations,
} from './installer-status.ts';
import { moduleIndexes } from './kernel-modules.ts';
import { fileEntry, overlaid, treeEntries } from './tree.ts';

export interface InitrdParts {
  /** Debian's initrd, as the boot loader would load it. */
  readonly baseInitrd: Uint8Array;
  readonly kernelRelease: string;
  /** Files of real udebs to preload. */
  readonly udebs: readonly string[];
  /** Names of the stand-ins. */
  readonly standIns: readonly string[];
  /** Files of the ordinary packages that stand-ins take files from, by package name. */
  readonly debs: ReadonlyMap<string, string>;
  readonly signal?: AbortSignal;
}

interface Unpacked {
  readonly component: Component;
  readonly files: readonly CpioEntry[];
}

const STATUS = 'var/lib/dpkg/status';
/** Of no use in an installer. */
const UNUSED = /^usr\/share\/(?:doc|lintian|man)(?:\/|$)/;

/**
 * The compressed archive; the same bytes for the same parts. Throws `origin.installer-invalid` when the base is not
 * debian-installer's, `origin.stand-in-missing` when a stand-in or a package for it is not there.
 */
export const buildInstallerInitrd = async (parts: InitrdParts): Promise<Uint8Array> => {
  const base = readCpio(parts.baseInitrd);
  const status = textOf(base, STATUS);
  if (status === undefined) {
    throw new IngotError('origin.installer-invalid', `the installer's initrd has no ${STATUS}`);
  }
  const components = readComponents();
  const installed = new Set(installedNames(status));
  const udebs = await Promise.all(parts.udebs.map((path) => unpackUdeb(path, parts.signal)));
  const standIns = await Promise.all(
    parts.standIns.map((name) => unpackStandIn(familyOf(name, components.families), parts)),
  );
  const added = [...udebs, ...standIns].filter(({ component }) => !installed.has(packageOf(component.control)));
  const files = overlaid(...added.map(({ component, files }) => [...files, ...infoEntries(component)])).filter(
    ({ path }) => !UNUSED.test(path),
  );
  const database: CpioEntry = {
    type: 'file',
    path: STATUS,
    mode: 0o644,
    content: mergeStatus(
      status,
      added.map(({ component }) => component),
      components.leaveOut,
    ),
  };
  const modules = await moduleIndexes([...base, ...files], parts.kernelRelease, parts.signal);
  const existing = new Set(base.map(({ path }) => path));
  const entries = overlaid(files, modules, [database]).filter(
    ({ type, path }) => type !== 'directory' || !existing.has(path),
  );
  return gzip(writeCpio(withParents(entries, existing)));
};

/** Ingot's own hooks (`installer/hooks/`), for every debian-installer: they go into the initrd with the answer file. */
export const installerHooks = async (): Promise<CpioEntry[]> => {
  const entries = await treeEntries(join(installerFolder(), 'hooks'));
  return entries.filter(({ type, path }) => type !== 'directory' && path.includes('/'));
};

const textOf = (entries: readonly CpioEntry[], path: string): string | undefined => {
  const found = entries.findLast((entry) => entry.path === path);
  return found?.type === 'file' ? Buffer.from(found.content).toString('utf8') : undefined;
};

const familyOf = (name: string, families: readonly Family[]): Family => {
  const family = families.find((candidate) => candidate.name === name);
  if (family) return family;
  throw new IngotError('origin.stand-in-missing', `there is no stand-in "${name}"`, { where: 'installer/debian-12' });
};

/** Everything of a package, its control files in DEBIAN/, unpacked for as long as `use` looks at it. */
const withPackage = async <T>(path: string, signal: AbortSignal | undefined, use: (folder: string) => Promise<T>) => {
  await using folder = await temporaryFolder('ingot-udeb-');
  await run('dpkg-deb', ['--raw-extract', path, folder.path], { signal, hint: 'Install dpkg.' });
  return await use(folder.path);
};

const unpackUdeb = (path: string, signal: AbortSignal | undefined): Promise<Unpacked> =>
  withPackage(path, signal, async (folder) => ({
    component: await readComponent(join(folder, 'DEBIAN')),
    files: (await treeEntries(folder)).filter((entry) => !/^DEBIAN(?:\/|$)/.test(entry.path)),
  }));

const readComponent = async (folder: string): Promise<Component> => {
  const info = new Map<string, string>();
  for (const name of (await readdir(folder)).sort()) {
    if (!INFO_SUFFIXES.includes(name)) continue;
    const text = await readFile(join(folder, name), 'utf8');
    info.set(name, name === 'templates' ? withoutTranslations(text) : text);
  }
  return { control: await readFile(join(folder, 'control'), 'utf8'), info };
};

const unpackStandIn = async (family: Family, { debs, signal }: InitrdParts): Promise<Unpacked> => {
  const folder = join(installerFolder(), 'debian-12', family.name);
  const component = await readComponent(folder);
  const own = await treeEntries(join(folder, 'files')).catch(() => []);
  const layers: CpioEntry[][] = [];
  const info = new Map(component.info);
  for (const part of family.debs) {
    const deb = debs.get(part.package);
    if (deb === undefined) {
      throw new IngotError('origin.stand-in-missing', `the stand-in ${family.name} needs the package ${part.package}`);
    }
    await withPackage(deb, signal, async (unpacked) => {
      layers.push(...(await Promise.all(part.files.map((name) => partEntries(unpacked, name)))));
      if (!part.templates) return;
      const templates = withoutTranslations(await readFile(join(unpacked, 'DEBIAN/templates'), 'utf8'));
      info.set('templates', `${(info.get('templates') ?? '').trimEnd()}\n\n${templates}`.trimStart());
    });
  }
  return { component: { control: component.control, info }, files: overlaid(...layers, own) };
};

const partEntries = async (folder: string, name: string): Promise<CpioEntry[]> =>
  name.endsWith('/')
    ? await treeEntries(join(folder, name), name.replace(/\/$/, ''))
    : [await fileEntry(join(folder, name), name)];
