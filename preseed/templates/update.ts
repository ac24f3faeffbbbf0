/**
 * Writes debian-RELEASE.json beside this file: the debconf templates of the installers that Ingot supports, for
 * `ingot lint` without an ISO. Not run by a build; docs/lint-preseed.md says how the archive folder is filled.
 *
 *   node preseed/templates/update.ts ARCHIVE [DATE]
 *
 * ARCHIVE has a folder for each codename with `deb/` (.deb, .udeb), `src/` (source tarballs) and, where there is one,
 * `initrd.gz`. A component that a release's own archive lacks is taken from the nearest other release, then from
 * written.json; each says where it is from.
 */
import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '../../src/host/run.ts';
import { readInitrdTemplates } from '../../src/lint/preseed/initrd-templates.ts';
import { packageTemplates } from '../../src/lint/preseed/package-templates.ts';
import { parseTemplates } from '../../src/lint/preseed/template-file.ts';
import type { Template, TemplateComponent } from '../../src/lint/preseed/templates.ts';

const CODENAMES: Readonly<Record<string, string>> = { '11': 'bullseye', '12': 'bookworm', '13': 'trixie' };
/** Where to look, best first. */
const NEAREST: Readonly<Record<string, readonly string[]>> = {
  '11': ['bullseye', 'bookworm', 'trixie'],
  '12': ['bookworm', 'trixie', 'bullseye'],
  '13': ['trixie', 'bookworm', 'bullseye'],
};
/** Packages of the new system that have the templates of an installer component from the same source. */
const SAME_SOURCE: Readonly<Record<string, string>> = { 'user-setup': 'user-setup-udeb' };
/** Template files of sources that are made complete by the source's own build. */
const GENERATED = /^(choose-mirror-bin|tzdata|common|templates|console-setup|keyboard-configuration|cdebconf)$/;

interface Found extends TemplateComponent {
  readonly name: string;
  readonly templates: readonly Template[];
}

const ofArchive = async (folder: string, codename: string): Promise<Found[]> => [
  ...(await ofInitrd(join(folder, 'initrd.gz'), codename)),
  ...(await ofPackages(join(folder, 'deb'), codename, '.udeb')),
  ...(await ofSources(join(folder, 'src'), codename)),
  ...(await ofPackages(join(folder, 'deb'), codename, '.deb')),
];

const ofInitrd = async (path: string, codename: string): Promise<Found[]> => {
  if (!existsSync(path)) return [];
  const { components, versions } = await readInitrdTemplates(createReadStream(path));
  return [...components].map(([name, templates]) => ({
    name,
    kind: 'installer',
    complete: true,
    source: `${name} ${versions.get(name) ?? ''} (initrd, ${codename})`,
    templates,
  }));
};

const listed = async (folder: string): Promise<string[]> => (existsSync(folder) ? (await readdir(folder)).sort() : []);

const ofPackages = async (folder: string, codename: string, extension: '.deb' | '.udeb'): Promise<Found[]> => {
  const names = (await listed(folder)).filter((name) => name.endsWith(extension));
  const found = await packageTemplates(names.map((name) => join(folder, name)));
  return [...found].map(([path, templates]) => {
    const [name = '', version = ''] = basename(path).split('_');
    const component = SAME_SOURCE[name] ?? name;
    return {
      name: component,
      kind: extension === '.udeb' || component !== name ? 'installer' : 'package',
      complete: true,
      source: `${name} ${decodeURIComponent(version)} (${extension}, ${codename})`,
      templates: templates.map((template) => ({ ...template, component })),
    };
  });
};

const ofSources = async (folder: string, codename: string): Promise<Found[]> => {
  const found: Found[] = [];
  for (const tarball of (await listed(folder)).filter((name) => /\.tar\.[gx]z$/.test(name))) {
    const to = await mkdtemp(join(tmpdir(), 'ingot-templates-'));
    try {
      await run('tar', ['-xf', join(folder, tarball), '-C', to, '--wildcards', '*debian/*.templates']).catch(() => {});
      found.push(...(await ofTree(to, tarball, codename)));
    } finally {
      await rm(to, { recursive: true, force: true });
    }
  }
  return found;
};

const ofTree = async (tree: string, tarball: string, codename: string): Promise<Found[]> => {
  const [, source = '', version = ''] = /^(.+?)_(.+?)(?:\.orig|\.debian)?\.tar/.exec(tarball) ?? [];
  const files = (await readdir(tree, { recursive: true })).filter((path) => /debian\/[^/]+\.templates$/.test(path));
  const found: Found[] = [];
  for (const path of files.sort()) {
    const file = basename(path, '.templates');
    // tzsetup's question lies in a file that its build puts before the udeb's own.
    const name = file === 'common' && source === 'tzsetup' ? 'tzsetup-udeb' : file;
    if (GENERATED.test(name)) continue;
    found.push({
      name,
      kind: 'installer',
      complete: true,
      source: `${source} ${version} (source, ${codename})`,
      templates: parseTemplates(await readFile(join(tree, path), 'utf8'), name),
    });
  }
  return found;
};

const written = async (): Promise<Found[]> => {
  const text = await readFile(join(import.meta.dirname, 'written.json'), 'utf8');
  const { components }: { components: Record<string, { complete: boolean; questions: Record<string, string> }> } =
    JSON.parse(text);
  return Object.entries(components).map(([component, { complete, questions }]) => ({
    name: component,
    kind: 'installer',
    complete,
    source: 'written.json',
    templates: Object.entries(questions).map(([name, type]) => ({ name, type, component })),
  }));
};

const merged = (sources: readonly Found[], release: string, date: string): string => {
  const components = new Map<string, TemplateComponent>();
  const questions = new Map<string, Template>();
  // What the installer asks comes before what a package asks under the same name.
  const ordered = [
    ...sources.filter(({ kind }) => kind === 'installer'),
    ...sources.filter(({ kind }) => kind !== 'installer'),
  ];
  for (const { name, kind, complete, source, templates } of ordered) {
    if (components.has(name)) continue;
    components.set(name, { kind, complete, source: source.replace('  ', ' ') });
    for (const template of templates) {
      if (!questions.has(template.name)) questions.set(template.name, template);
    }
  }
  const asked = new Set([...questions.values()].map(({ component }) => component));
  const lines = (entries: (readonly [string, unknown])[]): string =>
    entries
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n');
  return `{
  "release": "${release}",
  "date": "${date}",
  "components": {
${lines([...components].filter(([name]) => asked.has(name)))}
  },
  "questions": {
${lines([...questions].map(([name, { name: _, ...rest }]) => [name, rest] as const))}
  }
}
`;
};

const [archive, date = new Date().toISOString().slice(0, 10)] = process.argv.slice(2);
if (archive === undefined) throw new Error('usage: node preseed/templates/update.ts ARCHIVE [DATE]');
const found = new Map<string, Found[]>();
for (const codename of Object.values(CODENAMES))
  found.set(codename, await ofArchive(join(archive, codename), codename));
for (const [release, order] of Object.entries(NEAREST)) {
  const sources = [...order.flatMap((codename) => found.get(codename) ?? []), ...(await written())];
  await writeFile(join(import.meta.dirname, `debian-${release}.json`), merged(sources, release, date));
}
