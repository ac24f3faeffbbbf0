/**
 * The templates of the very installer on a medium: of the udebs inside its initrd, and of those in its pool, which
 * the installer loads later. Packages of the new system are covered as far as the shipped set of the release has them
 * and the medium does not carry them itself.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { IngotError } from '../../errors.ts';
import { temporaryFolder } from '../../host/files.ts';
import { run } from '../../host/run.ts';
import { readVolume } from '../../media/iso9660.ts';
import { readInitrdTemplates } from './initrd-templates.ts';
import { packageTemplates } from './package-templates.ts';
import { RELEASES, shippedTemplates } from './shipped-templates.ts';
import type { Component, Template, TemplateSet } from './templates.ts';

/** Kernel modules ask nothing, and they are most of a pool. */
const MODULES = /-modules-|^(kernel-image|firmware)-/;

/** Throws `lint.no-installer` when there is no initrd with templates, and what a damaged medium throws. */
export const templatesOfIso = async (path: string): Promise<TemplateSet> => {
  await readVolume(path);
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
  readonly kind: Component['kind'];
  readonly templates: readonly Template[];
}

const read = async (iso: string, folder: string): Promise<Found[]> => {
  const names = await filesOf(iso);
  const initrds = names.filter((name) => /(^|\/)initrd(\.gz|\.img)?$/.test(name));
  // The text installer's has all that the graphical one's has but a front end.
  const initrd = initrds.find((name) => !/gtk|xen/.test(name)) ?? initrds[0];
  const udebs = names.filter((name) => name.endsWith('.udeb') && !MODULES.test(basename(name)));
  const wanted = [
    ...(initrd === undefined ? [] : [initrd]),
    ...udebs,
    ...names.filter((name) => name === '/.disk/info'),
  ];
  if (initrd === undefined) return [];
  await extract(iso, folder, wanted);
  const { components, versions } = readInitrdTemplates(await readFile(join(folder, initrd.replaceAll('/', '_'))));
  const found: Found[] = [...components].map(([component, templates]) => ({
    component,
    source: `${component} ${versions.get(component) ?? ''} (initrd)`,
    kind: 'installer',
    templates,
  }));
  const loaded = (await readdir(folder)).filter((name) => name.endsWith('.udeb'));
  for (const [file, templates] of await packageTemplates(loaded.map((name) => join(folder, name)))) {
    const [name = '', version = ''] = basename(file)
      .slice(basename(file).indexOf('!') + 1)
      .split('_');
    found.push({
      component: name,
      source: `${name} ${version} (pool)`,
      kind: 'installer',
      templates: named(templates, name),
    });
  }
  return found;
};

const named = (templates: readonly Template[], component: string): Template[] =>
  templates.map((template) => ({ ...template, component }));

const filesOf = async (iso: string): Promise<string[]> => {
  const { stdout } = await run(
    'xorriso',
    ['-no_rc', '-abort_on', 'FAILURE', '-indev', iso, '-find', '/', '-type', 'f'],
    {
      hint: 'Install xorriso.',
    },
  );
  return [...stdout.matchAll(/^'(\/.*)'$/gm)].map(([, name = '']) => name.replaceAll(`'"'"'`, "'"));
};

/** Flat, in `folder`: a path becomes a name, `!` before the file's own. */
const extract = async (iso: string, folder: string, names: readonly string[]): Promise<void> => {
  const args = names.flatMap((name) => ['-extract', name, join(folder, flatName(name))]);
  await run('xorriso', ['-no_rc', '-abort_on', 'FAILURE', '-osirrox', 'on', '-indev', iso, ...args]);
};

const flatName = (name: string): string =>
  name.endsWith('.udeb')
    ? `${name.slice(0, name.lastIndexOf('/')).replaceAll('/', '_')}!${basename(name)}`
    : name.replaceAll('/', '_');

/** From `.disk/info`: `Debian GNU/Linux 12.8.0 "Bookworm" - Official amd64 NETINST …`. */
const releaseOf = async (folder: string): Promise<{ release: string | undefined; name: string }> => {
  const info = await readFile(join(folder, '_.disk_info'), 'utf8').catch(() => '');
  const [, number, name = ''] = /Debian GNU\/Linux (\d+)[\d.]*\s+"([^"]*)"/.exec(info) ?? [];
  const release = number !== undefined && number in RELEASES ? number : undefined;
  return { release, name: number === undefined ? 'ISO' : `${number} ${name}`.trim() };
};

/** What the medium has is right; the shipped set tells of what is fetched later. */
const merged = (found: readonly Found[], release: string, shipped: TemplateSet | undefined): TemplateSet => {
  const components = new Map<string, Component>();
  const questions = new Map<string, Template>();
  for (const { component, source, kind, templates } of found) {
    if (components.has(component)) continue;
    components.set(component, { kind, complete: true, source });
    for (const template of templates) if (!questions.has(template.name)) questions.set(template.name, template);
  }
  for (const [name, component] of shipped?.components ?? []) if (!components.has(name)) components.set(name, component);
  for (const [name, template] of shipped?.questions ?? []) {
    const fromMedium = found.some(({ component }) => component === template.component);
    if (!fromMedium && !questions.has(name)) questions.set(name, template);
  }
  return { release, date: new Date().toISOString().slice(0, 10), components, questions };
};
