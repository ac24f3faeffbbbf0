/**
 * The templates of the very installer on a medium: of the udebs inside its initrd, and of those in its pool, which
 * the installer loads later. Packages of the new system are covered as far as the shipped set of the release has them
 * and the medium does not carry them itself.
 */
import { type FileHandle, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { temporaryFolder } from '../../host/files.ts';
import { ifThere } from '../../host/if-there.ts';
import { pieces } from '../../host/pieces.ts';
import { BLOCK_SIZE, openMedium, readAt } from '../../media/iso/iso9660.ts';
import { readMedium } from '../../media/iso/medium.ts';
import { DEBIAN_RELEASES } from '../../recipe/values/debian-releases.ts';
import { readInitrdTemplates } from './initrd-templates.ts';
import { packageTemplates } from './package-templates.ts';
import { shippedTemplates } from './shipped-templates.ts';
import type { Template, TemplateComponent, TemplateSet } from './templates.ts';

/** Kernel modules ask nothing, and they are most of a pool. */
const MODULES = /-modules-|^(kernel-image|firmware)-/;

/** Throws `lint.no-installer` when there is no initrd with templates, and what a damaged medium throws. */
export const templatesOfIso = async (path: string): Promise<TemplateSet> => {
  await using folder = await temporaryFolder('ingot-lint-');
  const found = await read(path, folder.path);
  if (found.length === 0)
    throw new IngotError('lint.no-installer', 'there is no debian-installer on this medium', {
      where: path,
      hint: 'Give an installer medium of Debian, or --release.',
    });
  const { release, name } = await releaseOf(folder.path);
  return merged(found, name, release === undefined ? undefined : await shippedTemplates(release));
};

interface Found {
  readonly component: string;
  readonly source: string;
  readonly templates: readonly Template[];
}

const read = async (iso: string, folder: string): Promise<Found[]> => {
  const files = await filesOf(iso);
  // The largest: a small one next to it may hold answers. The text installer's has all that the graphical one's has except a
  // front end.
  const initrds = files
    .filter(({ path }) => /(^|\/)initrd(\.gz|\.xz|\.img)?$/.test(path))
    .sort((one, other) => other.size - one.size);
  const initrd = initrds.find(({ path }) => !/gtk|xen/.test(path)) ?? initrds[0];
  if (!initrd) return [];
  await using medium = await openMedium(iso);
  const content = ({ block, size }: MediumFile) => readAt(medium, block * BLOCK_SIZE, size);
  const udebs = files.filter(({ path }) => path.endsWith('.udeb') && !MODULES.test(basename(path)));
  const ofPool = async () => {
    for (const udeb of udebs) await writeFile(join(folder, basename(udeb.path)), await content(udeb));
    return packageTemplates(udebs.map(({ path }) => join(folder, basename(path))));
  };
  // Side by side: the pool's are the work of other programs.
  const [{ components, versions }, pool] = await Promise.all([
    readInitrdTemplates(initrdPieces(medium, initrd)),
    ofPool(),
  ]);
  const found: Found[] = [...components].map(([component, templates]) => ({
    component,
    source: `${component} ${versions.get(component) ?? ''} (initrd)`,
    templates,
  }));
  for (const [file, templates] of pool) {
    const [component = '', version = ''] = basename(file).split('_');
    found.push({ component, source: `${component} ${version} (pool)`, templates });
  }
  const info = files.find(({ path }) => path === '/.disk/info');
  if (info) await writeFile(join(folder, 'info'), await content(info));
  return found;
};

interface MediumFile {
  readonly path: string;
  readonly block: number;
  readonly size: number;
}

/** It is large, unlike the others. */
async function* initrdPieces(medium: FileHandle, { block, size }: MediumFile): AsyncGenerator<Buffer> {
  for await (const { bytes } of pieces(medium, block * BLOCK_SIZE, size, undefined)) yield bytes;
}

/** All but those of 4 GiB and more, which have several extents and are not what is looked for. */
const filesOf = async (iso: string): Promise<MediumFile[]> =>
  [...(await readMedium(iso)).files].flatMap(([path, [first, ...others]]) =>
    first === undefined || others.length > 0 ? [] : [{ path, block: first.lba, size: first.size }],
  );

/** From `.disk/info`: `Debian GNU/Linux 12.8.0 "Bookworm" - Official amd64 NETINST …`. */
const releaseOf = async (folder: string): Promise<{ release: string | undefined; name: string }> => {
  const info = (await ifThere(readFile(join(folder, 'info'), 'utf8'))) ?? '';
  const [, number, name = ''] = /Debian GNU\/Linux (\d+)[\d.]*\s+"([^"]*)"/.exec(info) ?? [];
  const release = number !== undefined && number in DEBIAN_RELEASES ? number : undefined;
  return { release, name: number === undefined ? 'ISO' : `${number} ${name}`.trim() };
};

/** The medium's own templates count; the shipped set covers what is fetched later. */
const merged = (found: readonly Found[], release: string, shipped: TemplateSet | undefined): TemplateSet => {
  const components = new Map<string, TemplateComponent>();
  const questions = new Map<string, Template>();
  for (const { component, source, templates } of found) {
    if (components.has(component)) continue;
    components.set(component, { kind: 'installer', complete: true, source: source.replace('  ', ' ') });
    for (const template of templates) if (!questions.has(template.name)) questions.set(template.name, template);
  }
  for (const [name, component] of shipped?.components ?? []) if (!components.has(name)) components.set(name, component);
  for (const [name, template] of shipped?.questions ?? []) {
    const fromMedium = found.some(({ component }) => component === template.component);
    if (!fromMedium && !questions.has(name)) questions.set(name, template);
  }
  return { release, date: new Date().toISOString().slice(0, 10), components, questions };
};
