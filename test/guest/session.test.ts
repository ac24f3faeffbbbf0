import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { privateTraces } from '../../src/access/access.ts';
import { createBuildKey } from '../../src/access/key.ts';
import { parseUnits, saveGuestEvidence } from '../../src/guest/guest-evidence.ts';
import { type ConnectOptions, Session } from '../../src/guest/session.ts';
import { silentReporter } from '../../src/report.ts';
import { freePort, startSshd } from './local-sshd.ts';

const key = createBuildKey();
const sshd = await startSshd(key);
t.teardown(() => sshd[Symbol.asyncDispose]());
const options: ConnectOptions = {
  port: sshd.port,
  hostKeys: sshd.hostKeys,
  key,
  limit: 10_000,
  reporter: silentReporter,
};

t.test('each build has a key of its own, and its traces are found in it', async (t) => {
  const other = createBuildKey();
  t.not(key.publicKey, other.publicKey);
  const traces = privateTraces(key);
  t.ok(traces.length > 0);
  for (const trace of traces) {
    t.ok(key.privateKey.includes(trace));
    t.notOk(other.privateKey.includes(trace), 'a trace that every key has would accuse every disk');
  }
});

t.test('commands: status, output, signals, standard input', async (t) => {
  await using session = await Session.connect(options);
  const lines: string[] = [];
  const result = await session.exec('echo out; echo err >&2; exit 7', { onLine: (line) => lines.push(line) });
  t.match(result, { exitCode: 7, stdout: 'out\n', stderr: 'err' });
  t.same(lines.sort(), ['err', 'out']);
  t.equal((await session.exec('cat', { stdin: 'grün\n' })).stdout, 'grün\n');
  t.match(await session.exec('kill -KILL $$'), { killedBy: 'KILL', exitCode: 128 });
  await t.rejects(session.check('echo why >&2; false'), { code: 'guest.command-failed', detail: /why/ });
  const longest = 'x'.repeat(300_000);
  t.equal((await session.exec('cat', { stdin: longest })).stdout.length, longest.length);
});

t.test('what a login shell prints is no answer', async (t) => {
  const home = t.testdir({ '.bashrc': '' });
  await using greeting = await startSshd(key, { home });
  await using session = await Session.connect({ ...options, ...greeting });
  const cases = [
    'echo WELCOME-NOISE; echo "Willkommen auf" >&2; export TMOUT=1 LANGUAGE=de',
    'printf "no line end"; printf "none here" >&2; head -c 3000000 /dev/zero | tr "\\0" "x"',
    'cd /; set -- a b; trap "echo bye" EXIT; echo "ingot-0 12"',
  ];
  for (const greeting of cases) {
    await writeFile(join(home, '.bashrc'), `${greeting}\n`);
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const said = await session.exec('echo out; echo err >&2; cat; ls /no/such >&2', { onLine, stdin: 'in' });
    t.match(said, { stdout: 'out\nin', exitCode: 2, stderr: /^err\nls: cannot access/ }, greeting);
    t.same(
      lines.filter((line) => !/^(out|in|err|ls: .*)$/.test(line)),
      [],
      greeting,
    );
    t.equal(await session.check('mktemp -u /tmp/x.XXXXXX | tr -d "[:alnum:]"'), '//.\n');
    await session.writeFile(join(home, 'written'), 'text', '0600');
    await t.rejects(session.exec('sleep 30', { timeout: 700 }), { code: 'guest.command-timeout' });
  }
  for (const end of ['echo "This account is closed."; exit 1', 'exec true', 'kill -9 $$']) {
    await writeFile(join(home, '.bashrc'), `${end}\n`);
    await t.rejects(session.exec('true'), { code: 'guest.shell', hint: /nologin/ }, end);
  }
});

t.test('output without end is cut, and no line is looked at twice', async (t) => {
  await using session = await Session.connect({ ...options, redact: (text) => text.replaceAll('hunter22', '***') });
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  // 64 MiB in one line, which was quadratic, with a secret where the line is cut.
  const secret = 'head -c 16380 /dev/zero | tr "\\0" x; printf hunter22';
  const started = process.cpuUsage();
  const long = await session.exec(`${secret}; head -c 67108864 /dev/zero | tr "\\0" y; echo; echo end`, { onLine });
  const { user } = process.cpuUsage(started);
  t.match(long, { exitCode: 0, isCut: true });
  t.equal(long.stdout.length, 16 * 2 ** 20);
  t.match(lines, [/^x{16380}\*\*\*y… \(the rest of this line is left out\)$/, 'end']);
  t.ok(user < 15e6, `${user / 1e6} s of processor time`);
  await t.rejects(session.check('head -c 33554432 /dev/zero'), { code: 'guest.output-too-long' });
});

t.test('a process that is left in the background does not hold a command', async (t) => {
  await using session = await Session.connect(options);
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  const started = performance.now();
  t.match(await session.exec('sleep 60 & echo done', { onLine, timeout: 50_000 }), { exitCode: 0, isHeld: true });
  t.ok(performance.now() - started < 20_000, 'it is told once the command itself has ended');
  const talking = 'while :; do echo more; sleep 0.5; done & echo $!; exit 3';
  const { stdout, isHeld, exitCode } = await session.exec(`${talking}`, { timeout: 50_000 });
  t.match({ isHeld, exitCode }, { isHeld: true, exitCode: 3 }, 'also when it never falls silent');
  // Its own first line may come before that with its number.
  const pid = /^\d+$/m.exec(stdout)?.[0];
  t.equal((await session.exec(`kill -0 ${pid} && kill ${pid}`)).exitCode, 0, 'and it goes on');
  t.same(lines, ['done']);
  t.notMatch(await session.exec('sleep 1; head -c 3000000 /dev/zero'), { isHeld: true });
});

t.test('a time-out kills the whole remote process group', async (t) => {
  await using session = await Session.connect(options);
  const mark = `31${process.pid}`;
  const running = session.exec(`sh -c 'sleep ${mark} & sleep ${mark}'; true`, { timeout: 700 });
  await t.rejects(running, { code: 'guest.command-timeout' });
  const left = await session.exec(`grep -lsz ${mark} /proc/[0-9]*/cmdline | grep -v self; true`);
  const own = await session.exec(
    `for p in ${left.stdout.split('\n').join(' ')}; do tr '\\0' ' ' < $p; done 2>/dev/null | grep -c "^sleep ${mark}"`,
  );
  t.equal(own.stdout.trim(), '0');
});

t.test('an abort ends a command by name', async (t) => {
  await using session = await Session.connect(options);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  await t.rejects(session.exec('sleep 30', { signal: controller.signal }), { code: 'interrupted' });
});

t.test('secrets are taken out of lines and errors', async (t) => {
  await using session = await Session.connect({ ...options, redact: (text) => text.replaceAll('hunter22', '***') });
  const lines: string[] = [];
  await session.exec('echo the hunter22 is', { onLine: (line) => lines.push(line) });
  t.same(lines, ['the *** is']);
  await t.rejects(session.check('echo hunter22 >&2; false'), { code: 'guest.command-failed', detail: /\n\*\*\*$/ });
});

t.test('another host key is refused', async (t) => {
  const hostKeys = [createBuildKey().publicKey];
  await t.rejects(Session.connect({ ...options, hostKeys }), { code: 'guest.host-key-differs', detail: /pinned:/ });
  const rsa = ['ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDb'];
  await t.rejects(Session.connect({ ...options, hostKeys: rsa }), { code: 'guest.host-key-differs' });
});

t.test('a lost connection is an error, never a success', async (t) => {
  await using doomed = await startSshd(key);
  await using session = await Session.connect({ ...options, port: doomed.port, hostKeys: doomed.hostKeys });
  const running = session.exec('sleep 30');
  setTimeout(() => void doomed.kill(), 400);
  await t.rejects(running, { code: 'guest.connection-lost' });
  await t.rejects(session.exec('true'), { code: 'guest.connection-lost', hint: /firewall/ });
});

t.test('waiting for SSH says what was seen', async (t) => {
  const listen = async (server: Server): Promise<number> => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  };
  const cases = [
    { name: 'refused', port: await freePort(), code: 'guest.ssh-timeout', message: /nothing listened/ },
    {
      name: 'closed',
      port: await listen(createServer((socket) => socket.destroy())),
      code: 'guest.ssh-timeout',
      message: /closed before sshd said anything/,
    },
    {
      name: 'silent',
      port: await listen(createServer((socket) => socket.on('error', () => {}))),
      code: 'guest.ssh-timeout',
      message: /said nothing/,
    },
    {
      name: 'banner only',
      port: await listen(createServer((socket) => void socket.on('error', () => {}).write('SSH-2.0-Odd\r\n'))),
      code: 'guest.ssh-timeout',
      message: /key exchange/,
    },
  ];
  // The rest of another connection: a length that no packet has, a packet that is none, a line without end.
  for (const bytes of [
    Buffer.alloc(64, 0xff),
    Buffer.from('0000000c0a1e'.padEnd(32, '0'), 'hex'),
    Buffer.alloc(40_000),
  ])
    cases.push({
      name: `banner, then ${bytes.length} bytes of something else`,
      port: await listen(
        createServer(
          (socket) => void socket.on('error', () => {}).write(Buffer.concat([Buffer.from('SSH-2.0-Odd\r\n'), bytes])),
        ),
      ),
      code: 'guest.ssh-timeout',
      message: /key exchange/,
    });
  for (const { name, port, code, message } of cases) {
    await t.rejects(Session.connect({ ...options, port, limit: 1500 }), { code, message }, name);
  }
  const garbage = createServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const noise = createServer((socket) => void socket.on('error', () => {}).write('x'.repeat(100_000)));
  for (const server of [garbage, noise]) {
    const wrong = Session.connect({ ...options, port: await listen(server), limit: 1500 });
    await t.rejects(wrong, { code: 'guest.ssh-timeout', message: /is not an SSH server/ });
  }
  const unreadable = { ...options.key, privateKey: 'no key' };
  await t.rejects(Session.connect({ ...options, key: unreadable, limit: 6000 }), { message: /privateKey/ }, 'at once');
  const stranger = createBuildKey();
  await t.rejects(Session.connect({ ...options, key: stranger, limit: 6000 }), { code: 'guest.auth-refused' });
});

t.test('a hardened sshd has refused, whichever way it says so', async (t) => {
  for (const settings of [
    ['AllowUsers somebody-else', 'MaxAuthTries 1'],
    ['MaxAuthTries 1'],
    ['AllowUsers somebody-else'],
  ]) {
    await using hardened = await startSshd(
      settings.length === 1 && settings[0] === 'MaxAuthTries 1' ? createBuildKey() : key,
      {
        settings,
      },
    );
    const refused = Session.connect({ ...options, port: hardened.port, hostKeys: hardened.hostKeys, limit: 5000 });
    await t.rejects(refused, { code: 'guest.auth-refused', hint: /MaxAuthTries/ }, settings.join(', '));
  }
});

t.test('a server that comes late is waited for, and an abort ends the wait', async (t) => {
  const port = await freePort();
  const waiting = Session.connect({ ...options, port, hostKeys: [createBuildKey().publicKey] });
  const late = startSshd(key, { port });
  t.teardown(async () => (await late)[Symbol.asyncDispose]());
  await t.rejects(waiting, { code: 'guest.host-key-differs' });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  const dead = await freePort();
  await t.rejects(Session.connect({ ...options, port: dead, signal: controller.signal }), { code: 'interrupted' });
});

t.test('a key that cannot be read again is made anew', async (t) => {
  const good = createBuildKey();
  const broken = { private: good.privateKey.replace(/\n.{8}/, '\nAAAAAAAA'), public: good.publicKey };
  const pairs = [broken, broken, { private: good.privateKey, public: good.publicKey }];
  t.same(
    createBuildKey(() => pairs.shift() ?? broken),
    good,
  );
  t.equal(pairs.length, 0);
  t.throws(() => createBuildKey(() => broken), { message: /OpenSSH key/ });
});

t.test('a key of no use ends the waiting at once', async (t) => {
  const broken = { privateKey: 'no key', publicKey: key.publicKey };
  const started = performance.now();
  await t.rejects(Session.connect({ ...options, key: broken, limit: 60_000 }), { message: /privateKey/ });
  t.ok(performance.now() - started < 30_000);
});

t.test('a guest that is reached leaves its logs, one that is gone hides nothing', async (t) => {
  const folder = t.testdir({});
  const said: string[] = [];
  const context = { folder, reporter: { ...silentReporter, line: (text: string) => void said.push(text) }, factor: 1 };
  const session = await Session.connect({ ...options, redact: (text) => text.replaceAll('/var/log/', '***') });
  await saveGuestEvidence(session, context);
  t.same(said, []);
  const names = await readdir(join(folder, 'guest'));
  t.ok(names.includes('var-log.txt'), names.join(' '));
  const logs = await readFile(join(folder, 'guest/var-log.txt'), 'utf8');
  t.match(logs, /^==> \*\*\*\S+ <==$/m, 'each log under its name, and redacted');
  await session[Symbol.asyncDispose]();
  await saveGuestEvidence(session, context);
  t.match(said, [/^no units\.txt of the guest: /], 'one line says so, and nothing is thrown');
  t.equal(said.length, 1);
});

t.test('what systemd says of a boot', (t) => {
  const units = 'endless.service loaded failed failed endless.service\nsrv.mount loaded failed failed /srv\n';
  const times = 'Startup finished in 4.1s (kernel) + 1min 2.5s (userspace) = 1min 6.6s \ngraphical.target reached';
  const blame = '1min 1.2s apt-daily.service\n    9.2s dev-vda1.device\n   811ms ssh.service\n';
  t.same(parseUnits(`${units}== boot\n${times}\n${blame}`), {
    failed: ['endless.service', 'srv.mount'],
    time: '4.1s (kernel) + 1min 2.5s (userspace) = 1min 6.6s',
    longest: ['1min 1.2s apt-daily.service', '9.2s dev-vda1.device', '811ms ssh.service'],
  });
  t.same(parseUnits('== boot\nBootup is not yet finished (…).\n'), { failed: [], longest: [] });
  t.same(parseUnits('sh: systemctl: not found\n').longest, []);
  t.end();
});
