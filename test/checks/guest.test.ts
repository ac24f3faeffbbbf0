/** The guest's side without a machine: facts, commands and suites over the build's own sshd, on this host. */
import t from 'tap';
import { createBuildKeys } from '../../src/access/key.ts';
import { compileTests } from '../../src/checks/compiled.ts';
import { Session } from '../../src/guest/session.ts';
import { run } from '../../src/host/run.ts';
import { testMachineSchema, testsSchema } from '../../src/recipe/schema/tests-schema.ts';
import { silentReporter } from '../../src/report.ts';
import { judgeGuest } from '../../src/stages/test/judge-guest.ts';
import { canHaveDoor, startDoor } from '../guest/local-door.ts';

const skip = !(await canHaveDoor()) && 'this host lets nobody mount';

t.test('a guest is judged over one session', { skip }, async (t) => {
  const keys = createBuildKeys();
  await using door = await startDoor(keys);
  await using session = await Session.connect({
    ...{ door: door.door, spare: [], hostKeys: [keys.host.publicKey], key: keys.login },
    ...{ limit: 15_000, reporter: silentReporter },
  });
  const folder = t.testdir({
    'suite.sh': 'echo 1..2; echo ok 1 - here; echo not ok 2 - gone\n',
    'own.sh': '#!/bin/bash\n[[ -n $BASH_VERSION ]] && echo ok 1 - bash; echo 1..1\n',
  });
  const tests = testsSchema.parse({
    checks: [
      { sysctl: { 'kernel.ostype': 'Linux' } },
      { mount: { path: '/' } },
      { file: { path: '/etc/passwd', when: 'booted', contains: '/^root:/' } },
      { command: { run: 'echo out; echo err >&2; exit 3', exit: 3, stdout: 'out', stderr: 'err' } },
      { command: { run: 'sleep 60', within: '1s' } },
      { http: { url: 'http://127.0.0.1:1/' } },
      { suite: 'suite.sh' },
      { suite: 'own.sh' },
    ],
  });
  const compiled = await compileTests(tests, folder);
  const machine = testMachineSchema.parse({ name: 'here' });
  const judged = await judgeGuest({ name: 'here', machine, isClone: false, isFurther: false }, session, {
    input: {
      image: { path: '', format: 'raw', digest: '', title: '' },
      tests: compiled,
      accelerator: 'tcg',
      isStatic: false,
      toleratesFailures: true,
      keepsDisks: false,
      redact: (text) => text,
    },
    ...{ factor: 1, folder, larger: undefined, limit: 1000, reporter: silentReporter, afterBoot: async () => [] },
  });
  const verdicts = Object.fromEntries(judged.results.map(({ name, verdict }) => [name.replace('here: ', ''), verdict]));
  t.match(verdicts, {
    'sysctl kernel.ostype': 'holds',
    'mount /': 'holds',
    'file /etc/passwd after the boot': 'holds',
    'command echo out; echo err >&2; exit 3': 'holds',
    'command sleep 60': 'fails',
    'http http://127.0.0.1:1/': 'fails',
    'suite suite.sh: 1 here': 'holds',
    'suite suite.sh: 2 gone': 'fails',
    'suite own.sh: 1 bash': 'holds',
  });
  t.equal(await session.check('ls /run/ingot-suite-* 2>/dev/null | wc -l'), '0\n', 'nothing is left in the guest');
});

t.test('a suite runs where nothing in memory may be executed, as Debian mounts it', { skip }, async (t) => {
  const folder = t.testdir({
    'own.sh': '#!/usr/bin/env bash\n[[ -n $BASH_VERSION ]] && echo ok 1 - bash; echo 1..1\n',
  });
  const [suite] = (await compileTests(testsSchema.parse({ checks: [{ suite: 'own.sh' }] }), folder)).planned;
  const outcome = await suite?.run?.({
    run: (command, { stdin }) =>
      run('unshare', ['--mount', 'sh', '-c', `mount -t tmpfs -o noexec tmpfs /run; ${command}`], {
        input: String(stdin),
      }),
    keep: async () => {},
  });
  t.match(outcome, [{ verdict: 'holds', message: 'bash' }]);
});
