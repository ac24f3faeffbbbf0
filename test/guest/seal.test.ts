import { execFileSync } from 'node:child_process';
import { readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { DEBIAN_SEAL } from '../../src/distributions/debian/seal-units.ts';
import { FAMILY_RULES } from '../../src/distributions/recipe-rules.ts';
import { MEDIUM_SCRIPT, requireMediumSource } from '../../src/guest/medium-source.ts';
import { SEAL_FOLDER } from '../../src/guest/seal/build-access.ts';
import { finalScript, STOP_SCRIPT } from '../../src/guest/seal/final.ts';
import { looseningScript, tighteningScript } from '../../src/guest/seal/rewrite.ts';
import { BLANK_SWAP_FILE } from '../../src/guest/seal/trace-units.ts';
import { checksDigest, scriptsDigest, sealUnits } from '../../src/guest/seal/units.ts';
import { run } from '../../src/host/run.ts';
import { SEAL_OPERATIONS } from '../../src/recipe/schema.ts';
import { silentReporter } from '../../src/report.ts';

const SEAL_UNITS = sealUnits(DEBIAN_SEAL);

t.test('the recipe, the registry and the docs name the same operations', async (t) => {
  t.same(SEAL_UNITS.map(({ name }) => name).sort(), [...SEAL_OPERATIONS].sort());
  t.same(
    DEBIAN_SEAL.map(({ name }) => name),
    FAMILY_RULES.debian.sealOperations,
    'what the rules say that Debian has of its own, it has',
  );
  const others = sealUnits([]).map(({ name }) => name);
  for (const [family, { sealOperations }] of Object.entries(FAMILY_RULES))
    t.same(
      sealOperations.filter((name) => others.includes(name)),
      [],
      `${family} has nothing twice`,
    );
  t.same(new Set(SEAL_UNITS.map(({ name }) => name)).size, SEAL_UNITS.length);
  const docs = await readFile('docs/seal.md', 'utf8');
  const listed = [...docs.matchAll(/^### `(.*)`\n\n(.*)$/gm)].map(([, name, why]) => ({ name, why }));
  t.same(
    listed,
    SEAL_UNITS.map(({ name, why }) => ({ name, why })),
    'docs/seal.md lists them in order, with why',
  );
  const own = DEBIAN_SEAL.map(({ name }) => `\`${name}\``).join(', ');
  t.ok(docs.includes(`of Debian systems alone: ${own}.`), 'and which are of Debian alone');
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
      bind: { 'rndc.key': 'k', 'named.conf': 'x' },
      iscsi: { 'initiatorname.iscsi': 'InitiatorName=iqn.x\n' },
      ssl: { private: { 'ssl-cert-snakeoil.key': 'k', 'mine.key': 'k' }, certs: { 'ssl-cert-snakeoil.pem': 'c' } },
      systemd: { system: {} },
    },
    var: {
      lib: {
        munge: { 'munged.seed': 's' },
        docker: { 'engine-id': 'x', image: {} },
        rabbitmq: { '.erlang.cookie': 'x', mnesia: { db: 'x' } },
      },
    },
    root: { '.bash_history': 'x', '.profile': 'x', '.local': { share: { nano: { x: 'x' } } } },
    home: { eva: { '.python_history': 'x', '.cache': { y: 'y' }, thesis: 'x' } },
    srv: { db: { '.psql_history': 'x', data: 'x' } },
  });
  await symlink('ssl-cert-snakeoil.pem', join(root, 'etc/ssl/certs/abcd.0'));
  const units = ['service-identities', 'shell-histories'].map((name) => SEAL_UNITS.find((unit) => unit.name === name));
  const scripts = units.map((unit) => unit?.script ?? 'exit 9').join('\n');
  for (let times = 1; times <= 2; times++) {
    const said = await runIn(root, scripts);
    if (said === undefined) return t.pass('not tried', { skip: 'this host lets nobody mount' });
    t.equal(said, '0\n', `run ${times}`);
  }
  const left = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((item) => !item.isDirectory())
    .map((item) => join(item.parentPath, item.name).slice(root.length));
  const unit = '/etc/systemd/system/renew-identities.service';
  t.same(left.filter((path) => !path.includes('renew-identities')).sort(), [
    '/etc/bind/named.conf',
    '/etc/iscsi/initiatorname.iscsi',
    '/etc/passwd',
    '/etc/ssl/private/mine.key',
    '/home/eva/.cache/y',
    '/home/eva/thesis',
    '/root/.profile',
    '/srv/db/data',
    '/var/lib/rabbitmq/mnesia/db',
  ]);
  t.equal(await readFile(join(root, 'etc/iscsi/initiatorname.iscsi'), 'utf8'), 'GenerateName=yes\n');
  // The programs are the host's.
  const has = await run('sh', ['-c', 'test -x /usr/sbin/make-ssl-cert'], { allow: [0, 1] });
  t.equal(left.includes(unit), has.exitCode === 0);
  if (has.exitCode !== 0) return t.pass('its unit', { skip: 'this host has no make-ssl-cert' });
  await t.resolves(run('systemd-analyze', ['verify', '--man=no', join(root, unit)], { allow: [0, 1] }));
  const text = await readFile(join(root, unit), 'utf8');
  t.match(
    text,
    /^ExecStart=-\/bin\/sh -c '\[ -s \/etc\/ssl\/private\/ssl-cert-snakeoil\.key \] && \[ -s \S*\.pem \] \|\| \{ make-ssl-cert .*; sync .*; \}'$/m,
  );
  t.match(text, /^\[Unit\]\nDescription=New keys and ids of services, on a clone's first boot\n/);
  t.equal(await readlink(join(root, 'etc/systemd/system/basic.target.wants/renew-identities.service')), unit);
});

t.test('SSH host keys heal: what is no whole key is made anew, what is one stays', async (t) => {
  const root = t.testdir({
    etc: { passwd: 'root:x:0:0::/root:/bin/sh\n', ssh: { sshd_config: 'x' } },
    var: {},
    root: {},
    home: {},
    srv: {},
  });
  const ssh = join(root, 'etc/ssh');
  const unit = await readFile('installer/hooks/ingot/system/etc/systemd/system/ssh-host-keys.service', 'utf8');
  // As systemd reads it: lines that go on, and $$.
  const script = /^ExecStart=\/bin\/sh -c '([^']*)'$/m.exec(unit.replaceAll('\\\n', ' '))?.[1]?.replaceAll('$$', '$');
  const start = async () => {
    const said = await runIn(root, `sh -c '${script}'`);
    if (said !== undefined) t.match(said, /^0\n/);
    return said !== undefined;
  };
  if (!(await start())) return t.pass('not tried', { skip: 'this host lets nobody mount' });
  const names = (await readdir(ssh)).sort();
  const kinds = ['rsa', 'ecdsa', 'ed25519'];
  t.same(
    names,
    [...kinds.flatMap((kind) => [`ssh_host_${kind}_key`, `ssh_host_${kind}_key.pub`]), 'sshd_config'].sort(),
  );
  const texts = async () => Promise.all(names.map((name) => readFile(join(ssh, name), 'utf8')));
  const before = await texts();
  const isWhole = async () => {
    for (const kind of kinds) {
      const { stdout } = await run('ssh-keygen', ['-y', '-P', '', '-f', join(ssh, `ssh_host_${kind}_key`)]);
      const shown = (await readFile(join(ssh, `ssh_host_${kind}_key.pub`), 'utf8')).split(' ').slice(0, 2).join(' ');
      t.ok(stdout.startsWith(shown), kind);
    }
  };
  await start();
  t.same(await texts(), before, 'whole keys stay');
  const cuts: readonly [what: string, name: string, content: string | undefined][] = [
    ['empty', 'ssh_host_ed25519_key', ''],
    ['zeros', 'ssh_host_rsa_key', '\0'.repeat(2602)],
    ['half', 'ssh_host_ecdsa_key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza'],
    ['missing', 'ssh_host_rsa_key', undefined],
    ['an empty public half', 'ssh_host_ed25519_key.pub', ''],
    ['a public half of zeros', 'ssh_host_rsa_key.pub', '\0'.repeat(300)],
    ['a missing public half', 'ssh_host_ecdsa_key.pub', undefined],
  ];
  for (const [what, name, content] of cuts) {
    await rm(join(ssh, name));
    if (content !== undefined) await writeFile(join(ssh, name), content, { mode: 0o600 });
    await writeFile(join(ssh, 'ssh_host_rsa_key.gmtRsBGBq0'), '');
    await writeFile(join(ssh, 'ssh_host_rsa_key.pub.99jLcTr74q'), '');
    await start();
    t.same((await readdir(ssh)).sort(), names, what);
    await isWhole();
  }
});

t.test('what others own, and what nothing may change, is written to all the same', async (t) => {
  const root = t.testdir({
    etc: { passwd: 'root:x:0:0::/root:/bin/sh\n', ssh: { ssh_host_rsa_key: 'k' } },
    var: {
      log: { postgresql: { 'main.log': 'x', 'main.log.1': 'x' }, audit: { 'audit.log': 'x' } },
      mail: { vhosts: { 'example.org': { new: { m1: 'x' } } }, eva: 'x' },
      cache: { debconf: { 'passwords.dat': 'x' } },
    },
    root: { '.ssh': { authorized_keys: 'ssh-ed25519 BUILDKEY\nssh-ed25519 MINE\n' } },
    home: {},
    srv: {},
  });
  const [audit, hostKey] = [join(root, 'var/log/audit/audit.log'), join(root, 'etc/ssh/ssh_host_rsa_key')];
  const marked = await run('sh', ['-c', `chattr +a '${audit}' && chattr +i '${hostKey}'`], { allow: [0, 1] });
  if (process.getuid?.() !== 0 || marked.exitCode !== 0)
    return t.pass('not tried', { skip: 'this host lets nobody set attributes' });
  const list = join(root, 'srv/attributes');
  await writeFile(join(root, 'srv/build-key'), 'BUILDKEY');
  const names = ['build-access', 'debconf-passwords', 'ssh-host-keys', 'logs'];
  const scripts = names.map((name) => SEAL_UNITS.find((unit) => unit.name === name)?.script ?? 'exit 9');
  const sealing = [looseningScript('/srv/attributes'), ...scripts, tighteningScript('/srv/attributes')].join('\n');
  const said = await runIn(root, sealing.replaceAll(`${SEAL_FOLDER}/build-key`, '/srv/build-key'));
  const flags = (await run('lsattr', [audit])).stdout;
  await run('sh', ['-c', `chattr -ai '${audit}' '${hostKey}'`], { allow: [0, 1] });
  if (said === undefined) return t.pass('not tried', { skip: 'this host lets nobody mount' });
  t.equal(said, '0\n');
  t.match(await readFile(list, 'utf8'), /^\S*a\S* \/var\/log\/audit\/audit\.log$/m);
  t.equal(await readFile(audit, 'utf8'), '');
  t.match(flags, /^\S*a/, 'what was append-only is so in the image');
  t.equal(await readFile(join(root, 'root/.ssh/authorized_keys'), 'utf8'), 'ssh-ed25519 MINE\n');
  t.same(await readdir(join(root, 'etc/ssh')), []);
  t.same(await readdir(join(root, 'var/log/postgresql')), ['main.log']);
  t.same((await readdir(join(root, 'var/mail'), { recursive: true })).sort(), [
    'vhosts',
    'vhosts/example.org',
    'vhosts/example.org/new',
  ]);
});

t.test('a file that exists is never opened so that it could be created: in a sticky folder even root may not', (t) => {
  for (const { name, script } of SEAL_UNITS) {
    t.notMatch(script, /\btruncate (?!--no-create)|: > "?\$|> "?\$(file|answers)\b(?!\.)/, name);
    t.notMatch(script, /^[^#]*\bdd (?!.*(nocreat|of="\$device"))/m, name);
  }
  t.end();
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

t.test('a stage’s key knows the operations of its family, and no other one’s', (t) => {
  const [first, ...rest] = DEBIAN_SEAL;
  if (first === undefined) throw new Error('no operation');
  const changed = [{ ...first, script: `${first.script}\ntrue` }, ...rest];
  t.not(scriptsDigest(sealUnits(changed)), scriptsDigest(SEAL_UNITS));
  t.equal(checksDigest(sealUnits(changed)), checksDigest(SEAL_UNITS), 'what is asserted is the same');
  const asserting = (pattern: RegExp) =>
    checksDigest([{ ...first, checks: [{ kind: 'no-line', path: '/x', pattern, meaning: 'x' }] }]);
  t.not(asserting(/one/), asserting(/two/), 'a pattern is a part of what is asserted');
  t.end();
});

t.test('every operation is asserted from outside, and trimming is the last one', (t) => {
  for (const { name, checks } of SEAL_UNITS) t.ok(checks.length > 0, name);
  t.equal(SEAL_UNITS.at(-1)?.name, 'trim');
  t.end();
});

t.test('every script is one that the guest’s sh understands', (t) => {
  const scripts = [
    ...SEAL_UNITS.map(({ script }) => script),
    looseningScript('/x'),
    tighteningScript('/x'),
    STOP_SCRIPT,
    finalScript('true'),
    MEDIUM_SCRIPT,
  ];
  for (const input of scripts) {
    t.doesNotThrow(() => execFileSync('sh', ['-n'], { input, stdio: ['pipe', 'ignore', 'pipe'] }));
  }
  t.end();
});

t.test('an image that does not find the disk with its packages is told so', async (t) => {
  const said = (exitCode: number) => ({ exec: async () => ({ stdout: '', stderr: 'E: no', exitCode }) });
  await requireMediumSource(said(0), silentReporter);
  await t.rejects(requireMediumSource(said(3), silentReporter), { code: 'guest.no-medium', hint: /isofs/ });
  await t.rejects(requireMediumSource(said(100), silentReporter), { code: 'guest.medium-source' });
});
