import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, matchesGlob } from 'node:path';
import t from 'tap';
import {
  ACCESS_FILES,
  ACCESS_LINE,
  ACCESS_UNIT,
  accessUnit,
  DOOR,
  DOOR_SERVICE,
  doorPort,
  handedIn,
  PATIENCE_GENERATOR,
} from '../../src/access/access.ts';
import { createBuildKey, createBuildKeys } from '../../src/access/key.ts';
import { sshCommand } from '../../src/cli/run/ssh-command.ts';
import type { ByDoor } from '../../src/guest/open.ts';
import { Session } from '../../src/guest/session.ts';
import { runSteps, type StepContext } from '../../src/guest/steps.ts';
import { projectFolder } from '../../src/host/project.ts';
import { run } from '../../src/host/run.ts';
import { configureStep } from '../../src/recipe/schema/configure-schema.ts';
import { silentReporter } from '../../src/report.ts';
import { canHaveDoor, startDoor } from './local-door.ts';

const keys = createBuildKeys();
const skip = !(await canHaveDoor()) && 'this host lets nobody mount';

const optionsFor = (door: Awaited<ReturnType<typeof startDoor>>, rest: Partial<ByDoor & { limit: number }> = {}) => ({
  door: door.door,
  spare: [],
  hostKeys: [keys.host.publicKey],
  key: keys.login,
  limit: 15_000,
  reporter: silentReporter,
  ...rest,
});

t.test(
  'commands run as root outside of sshd’s own /etc, with nothing of the login in their way',
  { skip },
  async (t) => {
    await using door = await startDoor(keys);
    await using session = await Session.connect(optionsFor(door));
    const own = await session.check('cat /proc/self/mounts; cat /etc/passwd | wc -l; ls /etc/door 2>&1; true');
    t.notMatch(own, /ingot-door/, 'the /etc that sshd sees is nobody else’s');
    t.equal(
      await session.check('umask; echo "$(env | grep -c ^SSH_ORIGINAL_COMMAND)" $SHELL $USER'),
      '0022\n0 /bin/sh root\n',
    );
    t.match(await session.check('cat /proc/$PPID/comm'), /^(ingot-door|sshd-session)\n$/, 'no pkill of sshd ends it');
    t.equal((await session.exec('cat', { stdin: 'x'.repeat(3_000_000) })).stdout.length, 3_000_000);
    const all = await Promise.all(Array.from({ length: 30 }, (_, nth) => session.check(`sleep 1; echo ${nth}`)));
    t.same(
      all.map(Number),
      Array.from({ length: 30 }, (_, nth) => nth),
      'many commands at once over one connection',
    );
    t.match(await session.exec('kill -KILL $$'), { killedBy: 'KILL' });
    t.match(await session.exec('no-such-command'), { exitCode: 127 });
  },
);

t.test(
  'the account may be locked, expired, without a shell, and greeted: sshd asks none of it',
  { skip },
  async (t) => {
    // The guest's own files as hardening leaves them: what is read of them is the home and the numbers alone.
    const outside = join(t.testdir(), 'etc');
    await mkdir(outside, { recursive: true });
    await writeFile(join(outside, 'passwd'), 'root:!:0:0:root:/:/usr/sbin/nologin\nsshd:x:105:65534::/run/sshd:/x\n');
    await writeFile(join(outside, 'shadow'), 'root:!*:1:0:1:7:0:1:\n');
    await writeFile(join(outside, 'group'), 'root:x:0:\n');
    await writeFile(join(outside, 'nologin'), 'closed');
    await using door = await startDoor(keys, (script) => script.replace(/^outside=.*$/m, `outside=${outside}`));
    await using session = await Session.connect(optionsFor(door));
    t.equal(await session.check('id -un; echo $HOME; pwd'), 'root\n/\n/\n');
  },
);

t.test('what hardening writes into /etc does not close it', { skip }, async (t) => {
  const closed = [
    'mount -t tmpfs hardened /etc',
    'mkdir -p /etc/ssh /etc/security',
    // The whole file, as published roles write it: no line takes in another folder.
    "printf '%s\\n' 'PermitRootLogin no' 'AllowUsers admin-user' 'MaxAuthTries 1' 'MaxSessions 1' > /etc/ssh/sshd_config",
    "echo 'ALL: ALL' > /etc/hosts.deny",
    'echo closed > /etc/nologin',
    "echo '* hard maxlogins 0' > /etc/security/limits.conf",
    "echo 'root:!:0:0:root:/root:/usr/sbin/nologin' > /etc/passwd",
  ].join('\n');
  const before = /^grep -q '\^ingot-door \/etc '/m;
  await using door = await startDoor(keys, (script) => {
    t.match(script, before);
    return script.replace(before, (line) => `${closed}\n${line}`);
  });
  await using session = await Session.connect(optionsFor(door));
  t.equal(await session.check('id -un'), 'root\n');
  t.same(
    await Promise.all(['one', 'two', 'three'].map((word) => session.check(`echo ${word}`))),
    ['one\n', 'two\n', 'three\n'],
    'more sessions at once than it allows',
  );
});

t.test('a lost door is noticed at once, and opened again', { skip }, async (t) => {
  await using door = await startDoor(keys);
  await using session = await Session.connect(optionsFor(door));
  const started = performance.now();
  setTimeout(() => door.letGo(), 300);
  await t.rejects(session.exec('sleep 30'), { code: 'guest.connection-lost', hint: /reboot/ });
  t.ok(performance.now() - started < 5000);
  await session.reconnect(15_000);
  t.equal(await session.check('echo again'), 'again\n');
  t.equal(door.count(), 2);
});

t.test('who stands before the door, and what is wrong behind it', { skip }, async (t) => {
  await using door = await startDoor(keys);
  const options = optionsFor(door, { limit: 4000 });
  await t.rejects(Session.connect({ ...options, key: createBuildKey() }), { code: 'guest.auth-refused' });
  const hostKeys = [createBuildKey().publicKey];
  await t.rejects(Session.connect({ ...options, hostKeys }), { code: 'guest.host-key-differs' });
  const broken = [
    { change: (script: string) => script.replace('$(command -v sshd)', '$(false)'), says: /there is no sshd/ },
    { change: (script: string) => script.replace('UsePAM no', 'Frobnicate yes'), says: /Bad configuration option/ },
  ];
  for (const { change, says } of broken) {
    await using wrong = await startDoor(keys, change);
    const failing = Session.connect(optionsFor(wrong, { limit: 8000 }));
    await t.rejects(failing, {
      code: 'guest.ssh-timeout',
      message: /own sshd does not start/,
      detail: says,
      hint: /openssh/,
    });
  }
  await using mute = await startDoor(keys, () => 'sleep 60');
  const silent = Session.connect(optionsFor(mute, { limit: 2500 }));
  await t.rejects(silent, { code: 'guest.ssh-timeout', message: /not opened/, hint: /firewall play no part/ });
});

t.test('Ansible and a person come in by doors of their own', { skip }, async (t) => {
  await using door = await startDoor(keys);
  await using spare = await startDoor(keys);
  await using session = await Session.connect(optionsFor(door, { spare: [spare.door] }));
  const folder = t.testdir({
    'play.yml': `- hosts: all
  gather_facts: false
  tasks:
    - {name: first, command: echo hello-from-play, register: said}
    - {debug: {var: said.stdout}}
    - {meta: reset_connection}
    - {name: copied, copy: {content: text, dest: ${t.testdirName}/copied}}
`,
  });
  const told: string[] = [];
  const context: StepContext = {
    session,
    folder,
    variables: {},
    secrets: { get: () => '', values: () => [], describe: () => '', redact: (text) => text },
    hasMedium: false,
    factor: 1,
    reporter: { ...silentReporter, line: (line) => void told.push(line) },
  };
  await runSteps([configureStep.parse({ ansible: { playbook: 'play.yml' } })], context);
  t.match(told.join('\n'), /hello-from-play/);
  t.equal(await readFile(join(folder, 'copied'), 'utf8'), 'text');
  t.ok(spare.count() >= 2, 'a connection that is closed is followed by another one');
  t.equal(await session.check('echo "still here"'), 'still here\n', 'beside the session of the build');

  const identity = join(folder, 'key');
  await writeFile(identity, keys.login.privateKey, { mode: 0o600 });
  const { stdout } = await run('sh', ['-c', `${sshCommand(identity, spare.door)} 'echo "$((40 + 2))"; id -un'`]);
  t.equal(stdout, '42\nroot');
});

t.test('what a machine is handed', async (t) => {
  const { doors, credentials } = handedIn(keys);
  t.same(Object.keys(credentials).sort(), ['door', 'door-host-key', 'door-key']);
  t.match(credentials['door'], new RegExp(`^doors=${doors}\\n`));
  t.notMatch(credentials['door'], /ssh-ed25519|PRIVATE/, 'keys are handed in apart');
  const [blocks = 0, reads = 0] = [/echo ingot-door/, /door-host-key\/raw/].map((one) =>
    credentials['door']?.search(one),
  );
  t.ok(
    blocks > 0 && blocks < reads,
    'a guest that was saved while it waited takes the keys of the run that restores it',
  );
  await t.resolves(run('sh', ['-n'], { input: credentials['door'] ?? '' }));
  const unit = join(t.testdir({ 'ingot-door.service': accessUnit() }), 'ingot-door.service');
  await t.resolves(run('systemd-analyze', ['verify', '--man=no', unit]), 'systemd has nothing to say against the unit');
});

t.test('systemd waits longer for the devices of an emulated machine, and of no other', async (t) => {
  for (const [kind, waits] of [
    ['qemu', true],
    ['kvm', false],
    ['none', false],
  ] as const) {
    const folder = t.testdir({ bin: { 'systemd-detect-virt': `#!/bin/sh\necho ${kind}\n` }, made: {} });
    await chmod(join(folder, 'bin/systemd-detect-virt'), 0o755);
    const env = { PATH: `${folder}/bin:${process.env['PATH']}` };
    await run('sh', [join(projectFolder, 'vm/patience.sh'), join(folder, 'made'), '/x', '/y'], { env });
    const made = await readFile(join(folder, 'made/device.d/10-ingot-patience.conf'), 'utf8').catch(() => '');
    t.equal(made, waits ? '[Unit]\nJobRunningTimeoutSec=15min\n' : '', kind);
  }
});

t.test('what cannot ask for the names has the same ones', async (t) => {
  const textOf = (path: string) => readFile(join(projectFolder, path), 'utf8');
  const script = await textOf('vm/door.sh');
  t.ok(script.includes(`"${doorPort(0).replace(/0$/, '$1')}"`), 'the ports');
  t.ok(script.includes(`'s/^/${DOOR}: /'`), 'complaints');
  t.ok(script.includes(`/etc/door/${DOOR} -i`), 'the process');
  for (const name of Object.keys(handedIn(keys).credentials)) {
    t.ok(`${script}${accessUnit()}`.includes(`${name}/raw`), name);
  }
  const hook = await textOf('installer/hooks/usr/lib/finish-install.d/07ingot-users');
  t.ok(hook.includes(`#   ${ACCESS_UNIT.path}     ${ACCESS_UNIT.link}\n`), 'what the hook says that it writes');
  t.ok(hook.includes(`/ingot/door.service /target${ACCESS_UNIT.path}\n`));
  t.ok(hook.includes(`ln -sf ${ACCESS_UNIT.path} $wants/${DOOR_SERVICE}\n`));
  t.ok(hook.includes(`wants=/target${dirname(ACCESS_UNIT.link)}\n`));
  t.ok(hook.includes(`#   ${PATIENCE_GENERATOR}\n`));
  t.ok(hook.includes(`cp /ingot/patience.sh /target${PATIENCE_GENERATOR}\n`));
  const kickstart = await textOf('kickstart/ingot.ks.ejs');
  t.ok(kickstart.includes(`cat > ${ACCESS_UNIT.path} <<`));
  t.ok(kickstart.includes(`systemctl enable ${DOOR_SERVICE}\n`));
  t.ok(kickstart.includes(`cat > ${PATIENCE_GENERATOR} <<`));
  t.same(
    [ACCESS_UNIT.path, ACCESS_UNIT.link, PATIENCE_GENERATOR].filter(
      (path) => !ACCESS_FILES.some((pattern) => matchesGlob(path, pattern)),
    ),
    [],
    'all that is put there is removed',
  );
  t.match(accessUnit(), ACCESS_LINE.pattern);
});
