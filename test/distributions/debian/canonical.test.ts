import { link, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ruleFor } from '../../../src/capture/rebuild/canonical.ts';
import { renewal } from '../../../src/capture/rebuild/identity.ts';
import { CANONICAL } from '../../../src/distributions/debian/system/canonical.ts';
import { canonicalCpio } from '../../../src/formats/archives/canonical-cpio.ts';
import { readCpio } from '../../../src/formats/archives/cpio-reader.ts';
import { bytesOf } from '../../../src/formats/byte-source.ts';
import { gzip, zstd } from '../../../src/formats/compression/compression.ts';
import { temporaryFolder } from '../../../src/host/files.ts';
import { run } from '../../../src/host/run.ts';

const TIME = 1_700_000_000;
const OLD = '495189b0-c360-4dc2-9d9d-cb014ebf75e9';
const NEW = '00000000-1111-8222-8333-444444444444';
const context = { time: TIME, renew: renewal(new Map([[OLD, NEW]])) };

t.test('docs/reproducible.md tells each rule as the data does', async (t) => {
  const docs = await readFile('docs/reproducible.md', 'utf8');
  const rows = [...docs.matchAll(/^\| (.*) \| (.*) \| (.*) \| (.*) \|$/gm)].map((row) => row.slice(1, 5));
  t.same(
    rows.slice(1),
    CANONICAL.map(({ name, where, why, what }) => [name, where, why, what]),
  );
});

/** An archive by cpio(1), of a folder that is made now. */
const archived = async (t: Test, order: readonly string[], mtime: number): Promise<Buffer> => {
  const folder = await temporaryFolder('ingot-cpio-');
  t.teardown(() => folder[Symbol.asyncDispose]());
  const at = (name: string) => join(folder.path, name);
  for (const name of order) {
    if (name === 'bin') await mkdir(at('bin'));
    else if (name === 'bin/busybox') await writeFile(at(name), 'b'.repeat(100_001), { mode: 0o755 });
    else if (name === 'bin/sh' || name === 'bin/ls') await link(at('bin/busybox'), at(name));
    else if (name === 'init') await symlink('bin/sh', at(name));
    else await writeFile(at(name), `RESUME=UUID=${OLD}\n`);
  }
  for (const name of order) if (name !== 'init') await utimes(at(name), mtime, mtime);
  const outputFile = join(folder.path, '..', `${folder.path.split('/').at(-1)}.cpio`);
  await run('cpio', ['--quiet', '-o', '-H', 'newc'], {
    cwd: folder.path,
    input: `${order.join('\n')}\n`,
    outputFile,
  });
  return await readFile(outputFile);
};

const NAMES = ['bin', 'bin/busybox', 'bin/ls', 'bin/sh', 'init', 'resume'];
const OTHER_ORDER = ['resume', 'bin', 'bin/busybox', 'bin/sh', 'bin/ls', 'init'];

t.test('an initramfs becomes the same, whenever and in whatever order it was made', async (t) => {
  const [one, other] = [await archived(t, NAMES, TIME + 5), await archived(t, OTHER_ORDER, TIME + 9_000)];
  t.notOk(one.equals(other));
  const early = await archived(t, ['resume'], TIME + 1);
  const pack = { zstd: (bytes: Buffer) => bytesOf(zstd([bytes])), gzip: (bytes: Buffer) => bytesOf(gzip([bytes])) };
  for (const [name, packed] of Object.entries(pack)) {
    const [first, second] = [
      await canonicalCpio(Buffer.concat([early, await packed(one)]), context),
      await canonicalCpio(Buffer.concat([early, await packed(other)]), context),
    ];
    t.ok(first.equals(second), name);
    t.ok(first.equals(await canonicalCpio(first, context)), `${name}: nothing is left to be done`);
    const entries = await Array.fromAsync(readCpio([first], () => true));
    t.strictSame(entries.map(({ path }) => path).sort(), [
      'bin',
      'bin/busybox',
      'bin/ls',
      'bin/sh',
      'init',
      'resume',
      'resume',
    ]);
    for (const entry of entries)
      if (entry.type === 'file')
        t.equal(entry.content?.length, entry.path === 'resume' ? `RESUME=UUID=${NEW}\n`.length : 100_001, entry.path);
    t.ok(first.length < early.length + 20_000, 'a hard-linked file is in it once');
  }
  await t.rejects(canonicalCpio(Buffer.from('not an archive'.repeat(20)), context), { code: 'media.cpio-damaged' });
  await t.rejects(canonicalCpio(one.subarray(0, -600), context), { code: 'media.cpio-damaged' });
});

t.test('each rule changes what it is for, and leaves the rest', async (t) => {
  const made = async (path: string, text: string) => {
    const rule = ruleFor(CANONICAL, path);
    if (rule === undefined || rule.make === 'remove') return rule?.make;
    return (await rule.make(Buffer.from(text), context)).toString();
  };
  const day = Math.floor(TIME / 86_400);
  t.equal(
    await made('/etc/shadow', 'root:*:20787:0:99999:7:::\nnew:$y$j$a:0:0:99999:7:::\nold:!::0:99999:7:::\n'),
    `root:*:${day}:0:99999:7:::\nnew:$y$j$a:0:0:99999:7:::\nold:!::0:99999:7:::\n`,
  );
  t.equal(
    await made('/etc/.updated', '# comment\nTIMESTAMP_NSEC=1790000000123456789\n'),
    `# comment\nTIMESTAMP_NSEC=${TIME}000000000\n`,
  );
  t.equal(await made('/var/cache/ldconfig/aux-cache', ''), 'remove');
  for (const path of ['/etc/shadow.bak', '/home/x/etc/shadow', '/boot/vmlinuz-6.1', '/etc/passwd'])
    t.equal(ruleFor(CANONICAL, path), undefined, path);
});
