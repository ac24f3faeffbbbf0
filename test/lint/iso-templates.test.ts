import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { cpioArchive } from '../../src/formats/archives/cpio.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { gzip } from '../../src/formats/compression/compression.ts';
import { splitChoices } from '../../src/formats/packages/debconf-templates.ts';
import { run } from '../../src/host/run.ts';
import { lintPreseed, loadTemplatesOfIso } from '../../src/lint/preseed/lint.ts';
import { parseTemplates } from '../../src/lint/preseed/template-file.ts';
import { sourceFile } from '../../src/lint/source-file.ts';

const NETBOOT = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/initrd.gz';

const master = async (tree: string, iso: string): Promise<string> => {
  await run('xorriso', ['-no_rc', '-as', 'mkisofs', '-r', '-V', 'LINT', '-o', iso, tree]);
  return iso;
};

/** A udeb with one question. */
const writeUdeb = async (folder: string, file: string, name: string, templates: string): Promise<void> => {
  await mkdir(join(folder, 'DEBIAN'), { recursive: true });
  const control = `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a test\n`;
  await writeFile(join(folder, 'DEBIAN', 'control'), control);
  await writeFile(join(folder, 'DEBIAN', 'templates'), templates);
  await run('dpkg-deb', ['--root-owner-group', '-b', folder, file]);
};

t.test("a medium: its initrd, its pool, and the release's set for the rest", async (t) => {
  const folder = t.testdir({
    tree: { '.disk': {}, 'install.amd': {}, ingot: {}, pool: { main: {} } },
    udeb: {},
    modules: {},
  });
  const tree = join(folder, 'tree');
  await writeFile(
    join(tree, '.disk', 'info'),
    'Debian GNU/Linux 12.8.0 "Bookworm" - Official amd64 NETINST 20241109-11:03',
  );
  const info =
    'Template: netcfg/enable\nType: boolean\nDefault: true\n\nTemplate: netcfg/speed\nType: select\nChoices: slow, fast\n';
  const status = 'Package: netcfg\nStatus: install ok unpacked\nVersion: 1.2\n';
  const part = (path: string, content: string) =>
    bytesOf(
      gzip(
        cpioArchive([
          { type: 'directory', path: 'var', mode: 0o755 },
          { type: 'file', path, mode: 0o644, content: Buffer.from(content) },
        ]),
      ),
    );
  // Two archives, one after the other, each compressed on its own.
  const initrd = Buffer.concat([
    await part('var/lib/dpkg/info/netcfg.templates', info),
    await part('var/lib/dpkg/status', status),
  ]);
  await writeFile(join(tree, 'install.amd', 'initrd.gz'), initrd);
  // A remastered medium has another one, with the answers.
  await writeFile(join(tree, 'ingot', 'initrd.gz'), await part('preseed.cfg', ''));
  const templates =
    'Template: partman-auto/method\nType: string\n\nTemplate: partman-auto/mood\nType: boolean\nDescription: good?\n';
  await writeUdeb(
    join(folder, 'udeb'),
    join(tree, 'pool', 'main', 'partman-auto_7_all.udeb'),
    'partman-auto',
    templates,
  );
  await cp(
    join(tree, 'pool', 'main', 'partman-auto_7_all.udeb'),
    join(tree, 'pool', 'main', 'ext4-modules-6_7_all.udeb'),
  );
  const set = await loadTemplatesOfIso(await master(tree, join(folder, 'small.iso')));
  t.equal(set.release, '12 Bookworm');
  t.match(set.components.get('netcfg'), { source: 'netcfg 1.2 (initrd)', complete: true });
  t.match(set.components.get('partman-auto'), { source: 'partman-auto 7 (pool)' });
  t.notOk(set.components.has('ext4-modules-6'));
  t.match(set.questions.get('netcfg/speed'), { type: 'select', choices: ['slow', 'fast'] });
  t.match(set.questions.get('partman-auto/mood'), { type: 'boolean', component: 'partman-auto' });
  t.notOk(set.questions.has('netcfg/get_hostname'), "this medium's netcfg does not ask for it");
  t.ok(set.questions.has('popularity-contest/participate'), 'packages are from the set of the release');
  const found = lintPreseed(sourceFile('x', 'd-i netcfg/speed select quick\nd-i partman-auto/mood boolean good\n'), {
    templates: set,
  });
  t.match(
    found.map(({ rule }) => rule).filter((rule) => !rule.includes('early')),
    ['preseed/unknown-choice', 'preseed/boolean-value'],
  );
});

t.test(
  "Debian's own initrd",
  { skip: !existsSync(NETBOOT) && 'apt install debian-installer-12-netboot-amd64' },
  async (t) => {
    const folder = t.testdir({ tree: {} });
    await cp(NETBOOT, join(folder, 'tree', 'initrd.gz'));
    const iso = await master(join(folder, 'tree'), join(folder, 'netboot.iso'));
    const started = performance.now();
    const set = await loadTemplatesOfIso(iso);
    t.comment(`${(performance.now() - started).toFixed(0)} ms`);
    t.equal(set.release, 'ISO', 'a medium that does not say its release');
    t.ok(set.questions.size > 100);
    t.match(set.questions.get('netcfg/get_hostname'), { type: 'string', component: 'netcfg' });
    t.match(set.questions.get('debconf/priority'), { choices: ['critical', 'high', 'medium', 'low'] });
    t.notOk(set.questions.has('passwd/username'));
  },
);

t.test('media without an installer', async (t) => {
  const folder = t.testdir({ tree: { README: 'nothing' }, 'no.iso': 'x' });
  await t.rejects(loadTemplatesOfIso(await master(join(folder, 'tree'), join(folder, 'other.iso'))), {
    code: 'lint.no-installer',
  });
  await t.rejects(loadTemplatesOfIso(join(folder, 'no.iso')), { code: 'media.not-an-iso' });
});

t.test('templates files, as shipped and as in a source', async (t) => {
  const text = `# a comment\nTemplate: a/b\nType: select\n#flag:translate!:1\n__Choices: one, two\\, or so, three\nDefault: one\n_Description: Which?\n More.\n
Template: a/c\nType: multiselect\nChoices-C: x, y\nChoices: ex, why\nChoices-de.UTF-8: ix, ypsilon\n
Template: a/d\nType: select\nChoices: \${LIST}, other\n
Template: a/e\nType: text\nDescription: shown only\n
Template: a/f\nType: text\nDescription: for internal use; can be preseeded\n`;
  t.match(parseTemplates(text, 'a'), [
    { name: 'a/b', type: 'select', choices: ['one', 'two, or so', 'three'], default: 'one', component: 'a' },
    { name: 'a/c', choices: ['x', 'y'] },
    { name: 'a/d', choices: undefined },
    { name: 'a/f', type: 'text' },
  ]);
  t.same(splitChoices('a,  b , c\\,d'), ['a', 'b', 'c,d']);
});
