import { execFileSync } from 'node:child_process';
import { readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { MEDIUM_SCRIPT } from '../../src/guest/medium-source.ts';
import { finalScript, STOP_SCRIPT } from '../../src/guest/seal/final.ts';
import { BLANK_SWAP_FILE } from '../../src/guest/seal/trace-units.ts';
import { SEAL_UNITS } from '../../src/guest/seal/units.ts';
import { run } from '../../src/host/run.ts';
import { SEAL_OPERATIONS } from '../../src/recipe/schema.ts';

t.test('the recipe, the registry and the docs name the same operations', async (t) => {
  t.same(SEAL_UNITS.map(({ name }) => name).sort(), [...SEAL_OPERATIONS].sort());
  t.same(new Set(SEAL_UNITS.map(({ name }) => name)).size, SEAL_UNITS.length);
  const docs = await readFile('docs/seal.md', 'utf8');
  const listed = [...docs.matchAll(/^### `(.*)`\n\n(.*)$/gm)].map(([, name, why]) => ({ name, why }));
  t.same(
    listed,
    SEAL_UNITS.map(({ name, why }) => ({ name, why })),
    'docs/seal.md lists them in order, with why',
  );
  for (const { checks } of SEAL_UNITS) {
    for (const check of checks) {
      if (check.kind === 'absent') t.ok(docs.includes(`\`${check.path}\``), check.path);
    }
  }
});

/** Runs a script with folders of a test in place of the system's own; undefined where that is not allowed. */
const runIn = async (root: string, script: string): Promise<string | undefined> => {
  const mounts = ['etc', 'var', 'root', 'home', 'srv'].map((name) => `mount --bind "$1/${name}" /${name}`).join(' && ');
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const { exitCode, stdout, stderr } = await run(
    'unshare',
    ['--mount', ...user, 'sh', '-c', `${mounts} || exit 77; exec sh -eu -s`, 'sh', root],
    { input: script, allow: [0, 1, 77] },
  );
  return exitCode === 77 || /unshare/.test(stderr) ? undefined : `${exitCode}\n${stdout}${stderr}`;
};

t.test('what the scripts do to a system, twice', async (t) => {
  const root = t.testdir({
    etc: {
      passwd: 'root:x:0:0::/root:/bin/sh\ndb:x:1:1::/srv/db:/bin/sh\nbin:x:2:2::/bin:/bin/sh\nnone:x:3:3::/:/bin/sh\n',
      munge: { 'munge.key': 'k' },
      iscsi: { 'initiatorname.iscsi': 'InitiatorName=iqn.x\n' },
      ssl: { private: { 'ssl-cert-snakeoil.key': 'k', 'mine.key': 'k' }, certs: { 'ssl-cert-snakeoil.pem': 'c' } },
      systemd: { system: {} },
    },
    var: { lib: { munge: { 'munged.seed': 's' }, docker: { 'engine-id': 'x', image: {} } } },
    root: { '.bash_history': 'x', '.profile': 'x', '.local': { share: { nano: { x: 'x' } } } },
    home: { eva: { '.python_history': 'x', '.cache': { y: 'y' }, thesis: 'x' } },
    srv: { db: { '.psql_history': 'x', data: 'x' } },
  });
  await symlink('ssl-cert-snakeoil.pem', join(root, 'etc/ssl/certs/abcd.0'));
  const units = ['service-identities', 'shell-histories'].map((name) => SEAL_UNITS.find((unit) => unit.name === name));
  const scripts = units.map((unit) => unit?.script ?? 'exit 9').join('\n');
  for (let times = 1; times <= 2; times++) {
    const said = await runIn(root, scripts);
    if (said === undefined) return t.pass('this host lets nobody mount');
    t.equal(said, '0\n', `run ${times}`);
  }
  const left = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((item) => !item.isDirectory())
    .map((item) => join(item.parentPath, item.name).slice(root.length));
  const unit = '/etc/systemd/system/renew-identities.service';
  t.same(left.filter((path) => !path.includes('renew-identities')).sort(), [
    '/etc/iscsi/initiatorname.iscsi',
    '/etc/passwd',
    '/etc/ssl/private/mine.key',
    '/home/eva/.cache/y',
    '/home/eva/thesis',
    '/root/.profile',
    '/srv/db/data',
  ]);
  t.equal(await readFile(join(root, 'etc/iscsi/initiatorname.iscsi'), 'utf8'), 'GenerateName=yes\n');
  // The programs are the host's.
  const has = await run('sh', ['-c', 'test -x /usr/sbin/make-ssl-cert'], { allow: [0, 1] });
  t.equal(left.includes(unit), has.exitCode === 0);
  if (has.exitCode !== 0) return;
  await t.resolves(run('systemd-analyze', ['verify', '--man=no', join(root, unit)], { allow: [0, 1] }));
  const text = await readFile(join(root, unit), 'utf8');
  t.match(
    text,
    /^ExecStart=-\/bin\/sh -c '\[ -e \/etc\/ssl\/private\/ssl-cert-snakeoil\.key \] \|\| \{ make-ssl-cert .*; \}'$/m,
  );
  t.match(text, /^\[Unit\]\nDescription=New keys and ids of services, on a clone's first boot\n/);
  t.equal(await readlink(join(root, 'etc/systemd/system/basic.target.wants/renew-identities.service')), unit);
});

t.test('a swap file is blank afterwards, on the disk as well, and keeps its names', async (t) => {
  const file = join(t.testdir(), 'swap');
  await writeFile(file, Buffer.alloc(2 ** 20, 'secret '));
  await run('mkswap', ['-U', '0d3f6a1c-6f4e-4c43-8a56-2b9a0f2f5d11', '-L', 'mine', file]);
  await run('sh', ['-eu', '-s'], { input: `${BLANK_SWAP_FILE}\nblank_swap_file '${file}'\n` });
  const bytes = await readFile(file);
  t.equal(bytes.length, 2 ** 20);
  t.ok(bytes.subarray(4096).every((byte) => byte === 0));
  t.match((await run('blkid', ['-p', file])).stdout, /LABEL="mine" UUID="0d3f6a1c-6f4e-4c43-8a56-2b9a0f2f5d11"/);
});

t.test('every operation is asserted from outside, and trimming is the last one', (t) => {
  for (const { name, checks } of SEAL_UNITS) t.ok(checks.length > 0, name);
  t.equal(SEAL_UNITS.at(-1)?.name, 'trim');
  t.end();
});

t.test('every script is one that the guest’s sh understands', (t) => {
  const scripts = [...SEAL_UNITS.map(({ script }) => script), STOP_SCRIPT, finalScript('true'), MEDIUM_SCRIPT];
  for (const input of scripts) {
    t.doesNotThrow(() => execFileSync('sh', ['-n'], { input, stdio: ['pipe', 'ignore', 'pipe'] }));
  }
  t.end();
});
