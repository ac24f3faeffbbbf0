/**
 * Udebs of scripts, put together from their source package as debhelper would: what debian/NAME.install lists, the
 * maintainer scripts, and the templates in English, since the translations lie elsewhere in the source.
 */
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fetchPackages } from '../../src/distributions/debian/archive/fetch-packages.ts';
import type { PackageEntry } from '../../src/distributions/debian/archive/package-index.ts';
import { parseStanzas, type Stanza } from '../../src/formats/packages/deb822.ts';
import { run } from '../../src/host/run.ts';
import type { Missing } from './incomplete.ts';
import { keep, made } from './made.ts';
import { sourceOf } from './repack.ts';
import { describeUdeb, packUdeb, renderControl, type Udeb, udebFileName, writeControl } from './udeb.ts';
import { fetchFile, type Workshop } from './workshop.ts';

/** Source packages of nothing but scripts. */
const OF_SCRIPTS = ['apt-setup', 'rescue'];

export interface FromSource {
  readonly udebs: readonly Udeb[];
  readonly failed: readonly Missing[];
}

export const udebsFromSource = async (workshop: Workshop, wanted: readonly PackageEntry[]): Promise<FromSource> => {
  const entries = wanted.filter((entry) => OF_SCRIPTS.includes(sourceOf(entry.fields).name));
  const udebs: Udeb[] = [];
  const failed: Missing[] = [];
  if (entries.length === 0) return { udebs, failed };
  const sources = await readSources(workshop);
  for (const entry of entries) {
    const { name, version } = sourceOf(entry.fields);
    const source = sources.find((one) => one.get('package') === name && one.get('version') === version);
    const archive = source && archiveOf(source, workshop.release.codename);
    if (archive === undefined) {
      failed.push({ name: entry.name, why: `the index has no native source ${name} ${version}` });
      continue;
    }
    const context = { ...workshop.context, tolerateMissing: true };
    const { missing } = await fetchPackages([archive], workshop.blobs, () => workshop.mirrors.urls.mirror, context);
    if (missing.length > 0)
      failed.push({ name: entry.name, why: `neither it nor its source ${name} is on the mirror` });
    else udebs.push(await build(workshop, entry, workshop.blobs.path(archive), `the source ${name} ${version}`));
  }
  return { udebs, failed };
};

const INDEX = 'main/source/Sources';

/** Checked against the signed Release. */
const readSources = async (workshop: Workshop): Promise<Stanza[]> => {
  const { cache, suite, release } = workshop;
  const expected = suite.release.files.get(`${INDEX}.xz`);
  if (expected === undefined) return [];
  const folder = await keep(cache, 'sources', expected.sha256, async (to) => {
    const packed = join(to, 'Sources.xz');
    await fetchFile(workshop, `dists/${release.codename}/${INDEX}.xz`, packed, expected.sha256);
    await run('xz', ['--decompress', packed]);
    const all = (await readFile(join(to, 'Sources'), 'utf8')).split('\n\n');
    const wanted = all.filter((text) => OF_SCRIPTS.some((name) => text.includes(`Package: ${name}\n`)));
    await writeFile(join(to, 'Sources'), wanted.join('\n\n'));
  });
  return parseStanzas(await readFile(join(folder, 'Sources'), 'utf8'));
};

/** A native package is one archive. */
const archiveOf = (source: Stanza, suite: string) => {
  const files = (source.get('checksums-sha256') ?? '').split('\n').map((line) => line.trim().split(/\s+/));
  const archives = files.filter(([, , name]) => name !== undefined && /\.tar\.\w+$/.test(name));
  const [sha256, size, name] = archives[0] ?? [];
  if (archives.length !== 1 || sha256 === undefined || name === undefined) return undefined;
  return { suite, sha256, size: Number(size), filename: `${source.get('directory')}/${name}` };
};

const build = async (workshop: Workshop, entry: PackageEntry, archive: string, from: string): Promise<Udeb> => {
  const control = renderControl(entry.fields);
  const folder = await made(workshop.cache, 'from-source', [entry.text, archive], async (to) => {
    const [source, tree] = [join(to, 'source'), join(to, 'tree')];
    await mkdir(source);
    await run('tar', ['--extract', '--file', archive, '--directory', source, '--strip-components', '1']);
    const debian = (end: string) => readFile(join(source, 'debian', `${entry.name}.${end}`), 'utf8').catch(() => '');
    for (const line of (await debian('install')).split('\n').filter((one) => one.trim() !== '')) {
      const words = line.trim().split(/\s+/);
      const target = words.at(-1) ?? '';
      for (const pattern of words.slice(0, -1))
        for await (const path of glob(pattern, { cwd: source })) {
          await mkdir(join(tree, target), { recursive: true });
          await cp(join(source, path), join(tree, target, basename(path)), { recursive: true });
        }
    }
    await writeControl(tree, control);
    for (const script of ['postinst', 'isinstallable', 'menutest']) {
      const text = await debian(script);
      // debhelper puts nothing into the scripts of a udeb.
      if (text !== '') await writeFile(join(tree, 'DEBIAN', script), text.replace('#DEBHELPER#', ''), { mode: 0o755 });
    }
    const templates = await debian('templates');
    if (templates !== '') await writeFile(join(tree, 'DEBIAN/templates'), inPlainForm(templates));
    await packUdeb(tree, join(to, udebFileName(control)), 'quick');
    for (const done of [source, tree]) await rm(done, { recursive: true });
  });
  const file = join(folder, udebFileName(control));
  const filename = join(dirname(entry.filename), udebFileName(control));
  return await describeUdeb(file, control, filename, `${from}, templates in English only`);
};

/** As po2debconf leaves them: a field that is to be translated begins with an underscore, notes for translators with #. */
const inPlainForm = (templates: string): string =>
  templates
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/^_{1,2}(?=[A-Z])/gm, '')
    .replaceAll(/^Choices:.*\[.*\]/gm, (line) => line.replaceAll(/\[[^\]]*\]/g, ''))
    .replaceAll('@MULTIARCH@', '');
