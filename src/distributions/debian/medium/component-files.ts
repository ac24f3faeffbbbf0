/** Udebs and stand-ins with their files, unpacked below a folder: for the installer to find as if anna had fetched them. */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IngotError } from '../../../errors.ts';
import type { Content, CpioEntry } from '../../../formats/archives/cpio.ts';
import { ifThere } from '../../../host/if-there.ts';
import { run } from '../../../host/run.ts';
import { type ComponentFamily, componentFolder } from './components.ts';
import { type Component, INFO_SUFFIXES, withoutTranslations } from './installer-status.ts';
import { fileEntry, overlaid, treeEntries } from './tree-entries.ts';

/** `files` are read from where they were unpacked. */
export interface UnpackedComponent {
  readonly component: Component;
  readonly files: readonly CpioEntry<Content>[];
}

/** One shell for many packages: starting a process costs more than most of them take. */
const EXTRACT = 'while [ $# -gt 0 ]; do dpkg-deb --raw-extract "$1" "$2" || exit; shift 2; done';
const SHELLS = 2;

/** Everything of the packages, each below `folder` under its file's name, the control files in DEBIAN/. */
export const unpackAll = async (debs: readonly string[], folder: string, signal?: AbortSignal): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const shells = Array.from({ length: SHELLS }, (_, shell) => {
    const share = debs.filter((_, index) => index % SHELLS === shell);
    const pairs = share.flatMap((deb) => [deb, unpackedFolder(deb, folder)]);
    return run('sh', ['-c', EXTRACT, 'sh', ...pairs], { signal, hint: 'Install dpkg.' });
  });
  // When one has failed, wait until none writes any more.
  await Promise.allSettled(shells);
  await Promise.all(shells);
};

const unpackedFolder = (deb: string, folder: string): string => join(folder, basename(deb));

/** Of a udeb that `unpackAll` unpacked. */
export const udebComponent = async (udeb: string, folder: string): Promise<UnpackedComponent> => {
  const unpacked = unpackedFolder(udeb, folder);
  const files = await treeEntries(unpacked);
  return {
    component: await readComponent(join(unpacked, 'DEBIAN')),
    files: files.filter(({ path }) => !/^DEBIAN(?:\/|$)/.test(path)),
  };
};

/** Of a stand-in of Ingot, with what it takes from packages that `unpackAll` unpacked: their files by package name. */
export const standInComponent = async (
  family: ComponentFamily,
  debs: ReadonlyMap<string, string>,
  folder: string,
): Promise<UnpackedComponent> => {
  const own = await ownComponent(family.name);
  const layers: CpioEntry<Content>[][] = [];
  const info = new Map(own.component.info);
  for (const part of family.debs) {
    const deb = debs.get(part.package);
    if (deb === undefined) {
      throw new IngotError('origin.stand-in-missing', `the stand-in ${family.name} needs the package ${part.package}`, {
        hint: 'Build again with --refresh: that makes the list of packages again.',
      });
    }
    const unpacked = unpackedFolder(deb, folder);
    layers.push(...(await Promise.all(part.files.map((name) => partEntries(unpacked, name)))));
    if (!part.templates) continue;
    const templates = withoutTranslations(await readFile(join(unpacked, 'DEBIAN/templates'), 'utf8'));
    info.set('templates', `${(info.get('templates') ?? '').trimEnd()}\n\n${templates}`.trimStart());
  }
  return { component: { control: own.component.control, info }, files: overlaid(...layers, own.files) };
};

/** Of a component that is wholly Ingot's. */
export const ownComponent = async (name: string): Promise<UnpackedComponent> => {
  const folder = componentFolder(name);
  const files = (await ifThere(treeEntries(join(folder, 'files')))) ?? [];
  return { component: await readComponent(folder), files };
};

const readComponent = async (folder: string): Promise<Component> => {
  const info = new Map<string, string>();
  for (const name of (await readdir(folder)).sort()) {
    if (!INFO_SUFFIXES.includes(name)) continue;
    const text = await readFile(join(folder, name), 'utf8');
    info.set(name, name === 'templates' ? withoutTranslations(text) : text);
  }
  return { control: await readFile(join(folder, 'control'), 'utf8'), info };
};

const partEntries = async (folder: string, name: string): Promise<CpioEntry<Content>[]> =>
  name.endsWith('/')
    ? await treeEntries(join(folder, name), name.replace(/\/$/, ''))
    : [await fileEntry(join(folder, name), name)];
