import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { createBuildKey } from '../../src/access/key.ts';
import { Session } from '../../src/guest/session.ts';
import { ansibleArguments, ansibleEnvironment, sshConfig } from '../../src/guest/steps/ansible.ts';
import { largest, parseUsages } from '../../src/guest/steps/room.ts';
import { runSteps, type StepContext, stepName } from '../../src/guest/steps.ts';
import { run } from '../../src/host/run.ts';
import { type ConfigureStep, configureStep } from '../../src/recipe/schema/configure-schema.ts';
import { silentReporter } from '../../src/report.ts';
import { startSshd } from './local-sshd.ts';

/** Steps run against the host's own sshd here, so "the guest" is a folder of this machine. */
const SECRET = 'correct horse $HOME\'s "battery"';
const folder = await mkdtemp(join(tmpdir(), 'ingot-steps-'));
await chmod(folder, 0o755);
const guest = join(folder, 'guest');
const key = createBuildKey();
const sshd = await startSshd(key);
t.teardown(async () => {
  await sshd[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
const redact = (text: string): string => text.replaceAll(SECRET, '***');
const session = await Session.connect({ ...sshd, key, limit: 10_000, redact, reporter: silentReporter });
t.teardown(() => session[Symbol.asyncDispose]());

const told: string[] = [];
const context: StepContext = {
  session,
  folder,
  variables: { release: '12', answer: 42 },
  secrets: { get: () => SECRET, values: () => [SECRET], describe: () => 'it', redact },
  hasMedium: false,
  factor: 1,
  reporter: {
    ...silentReporter,
    phase: (name) => void told.push(`phase ${name}`),
    line: (line) => void told.push(line),
  },
};
const step = (value: unknown): ConfigureStep => configureStep.parse(value);
const steps = (...values: unknown[]) => {
  told.length = 0;
  return runSteps(values.map(step), context);
};
const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8);

t.test('copy: content, secrets, files, modes, owners', async (t) => {
  await writeFile(join(folder, 'tool.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await steps(
    { copy: { content: 'text\n', to: `${guest}/a/text` } },
    { copy: { content: { env: 'TOKEN' }, to: `${guest}/token`, owner: 'nobody' } },
    { copy: { from: 'tool.sh', to: `${guest}/bin/` } },
    { copy: { from: 'tool.sh', to: `${guest}/odd 'name`, mode: '4711', owner: 'nobody:nogroup' } },
  );
  t.equal(await readFile(`${guest}/a/text`, 'utf8'), 'text\n');
  t.equal(await modeOf(`${guest}/a/text`), '644');
  t.equal(await readFile(`${guest}/token`, 'utf8'), SECRET);
  t.equal(await modeOf(`${guest}/token`), '600', 'a secret is for its owner only');
  t.equal(await modeOf(`${guest}/bin/tool.sh`), '755');
  t.equal(await modeOf(`${guest}/odd 'name`), '4711');
  t.not((await stat(`${guest}/odd 'name`)).gid, 0);
  t.notOk(told.join('\n').includes(SECRET));
});

t.test('copy: where users of the guest write, no link of theirs is followed', async (t) => {
  const open = `${guest}/open`;
  await mkdir(open, { recursive: true });
  await writeFile(`${open}/victim`, 'precious');
  for (const name of ['file', 'file.ingot-new', 'file.ingot-XXXXXX']) await symlink('victim', `${open}/${name}`);
  await steps({ copy: { content: 'new', to: `${open}/file` } });
  t.equal(await readFile(`${open}/victim`, 'utf8'), 'precious');
  t.equal(await readFile(`${open}/file`, 'utf8'), 'new');
  await t.rejects(steps({ copy: { content: 'new', to: `${open}/other`, owner: 'no-such-user' } }));
  t.notOk(
    (await readdir(open)).some((name) => name.startsWith('other')),
    'nothing half written is left',
  );
});

t.test('copy: folders with hidden files, links and templates; what is there keeps its mode', async (t) => {
  const tree = join(folder, 'tree');
  await mkdir(join(tree, 'etc/conf.d'), { recursive: true });
  await writeFile(join(tree, '.hidden'), 'h');
  await writeFile(join(tree, 'etc/conf.d/x'), 'release=<%= variables.release %> & <%- variables.answer %>\n');
  await rename(join(tree, 'etc/conf.d/x'), join(tree, 'etc/conf.d/x.ejs'));
  await writeFile(join(tree, 'etc/conf.d/y'), "y: <%- include('x') -%>");
  await symlink('conf.d/x.ejs', join(tree, 'etc/link'));
  await mkdir(join(tree, 'etc/.git'));
  await writeFile(join(tree, 'etc/.git/config'), 'nothing for a guest');
  await mkdir(`${guest}/target/etc`, { recursive: true });
  await chmod(`${guest}/target/etc`, 0o711);
  await steps({ copy: { from: 'tree', to: `${guest}/target`, template: true, mode: '0640', owner: 'nobody:nogroup' } });
  t.same((await readdir(`${guest}/target`)).sort(), ['.hidden', 'etc']);
  t.equal(await readFile(`${guest}/target/etc/link`, 'utf8'), 'release=12 & 42\n');
  t.equal(await readFile(`${guest}/target/etc/conf.d/y`, 'utf8'), 'y: release=12 & 42\n', 'includes what is beside it');
  t.equal(await readlink(`${guest}/target/etc/link`), 'conf.d/x.ejs');
  t.equal(await modeOf(`${guest}/target/etc`), '711');
  await writeFile(join(tree, 'etc/x.git'), '');
  await symlink('tree', join(folder, 'tree-link'));
  for (const template of [true, false]) {
    await steps({ copy: { from: 'tree-link', to: `${guest}/git-${template}`, template } });
    t.same((await readdir(`${guest}/git-${template}/etc`)).sort(), ['conf.d', 'link', 'x.git'], 'without .git alone');
  }
  t.match(await readFile(join(tree, 'etc/conf.d/x.ejs'), 'utf8'), /<%=/, 'the files of the host stay templates');
  t.equal(await modeOf(`${guest}/target/etc/conf.d`), '750');
  t.equal(await modeOf(`${guest}/target/.hidden`), '640');
  t.not((await stat(`${guest}/target/.hidden`)).uid, 0);
  const stranger = steps({ copy: { from: 'tree', to: `${guest}/t2`, owner: 'no-such-user' } });
  await t.rejects(stranger, { code: 'guest.command-failed', detail: /no user no-such-user/ });
});

t.test('copy: what cannot be copied is named', async (t) => {
  const cases = [
    { from: 'no-such-file', code: 'guest.copy-source' },
    {
      content: '<%= variables.nope %>',
      template: true,
      code: 'guest.template-failed',
      detail: /variables\.nope is not defined/,
    },
    {
      content: '<%- variables.nope %>',
      template: true,
      code: 'guest.template-failed',
      detail: /variables\.nope is not defined/,
    },
    { content: '<%= nope %>', template: true, code: 'guest.template-failed', detail: /nope is not defined/ },
    { content: '<% if { %>', template: true, code: 'guest.template-failed' },
    {
      content: '<%= process.getBuiltinModule("child_process").execSync("id") %>',
      template: true,
      code: 'guest.template-failed',
      detail: /process is not defined/,
    },
    {
      content: "<%- include('/etc/passwd') %>",
      template: true,
      code: 'guest.template-failed',
      detail: /cannot be called/,
    },
    { content: "<%- include('../x') %>", template: true, code: 'guest.template-failed', detail: /cannot be called/ },
  ];
  for (const { code, detail, ...copy } of cases) {
    const failure = detail === undefined ? { code } : { code, detail };
    await t.rejects(steps({ copy: { ...copy, to: `${guest}/x` } }), failure, JSON.stringify(copy));
  }
  const wrong = steps({ name: 'mine', copy: { content: 'x', to: '/proc/no/such' } });
  await t.rejects(wrong, { code: 'guest.command-failed', message: /step 1, "mine"/, where: 'configure[0]' });
});

t.test('run: scripts, interpreters, users, environment', async (t) => {
  await writeFile(join(folder, 'hello.py'), '#!/usr/bin/env -S python3 -B\nimport os\nprint("py", os.getuid())\n');
  await steps(
    { run: { script: 'echo "$TOKEN"; test "$TOKEN" = "$(cat token)"; pwd', env: { TOKEN: { env: 'T' } }, cwd: guest } },
    { run: { file: 'hello.py', user: 'nobody' } },
    { run: { script: 'echo $HOME; exit 3', exitCodes: [0, 3] } },
    { run: { script: '#!/bin/bash\nset -e\n[[ $0 ]] && ps -o args= -p $$ $PPID; env', env: { TOKEN: { env: 'T' } } } },
  );
  t.same(told.slice(0, 3), ['phase run a script', '***', guest]);
  const uid = (await stat(`${guest}/token`)).uid;
  t.ok(told.includes(`py ${uid}`));
  t.ok(told.includes('/root'));
  t.ok(told.includes('TOKEN=***'), 'the environment is there, and not in any line');
  t.notOk(told.join('\n').includes(SECRET));
  t.same(
    (await readdir('/run/ingot')).filter((name) => name.startsWith('step.')),
    [],
    'nothing is left of the scripts',
  );
});

/** What apt passes on of a package that cannot be configured. */
const DPKG = [
  'Setting up postfix (3.7.11-0+deb12u1) ...',
  'newaliases: fatal: bad',
  'dpkg: error processing package postfix (--configure):',
  ' installed postfix package post-installation script subprocess returned error exit status 75',
  'Errors were encountered while processing:',
  ' postfix',
  'E: Sub-process /usr/bin/dpkg returned an error code (1)',
];

t.test('run: failures are named and end the list', async (t) => {
  const cases = [
    { run: { script: 'echo reason >&2; false; echo after' }, code: 'guest.script-failed', detail: /^reason$/ },
    { run: { script: 'no-such-command' }, code: 'guest.script-failed', hint: /not found/ },
    { run: { script: 'kill -SEGV $$' }, code: 'guest.script-failed', message: /SIGSEGV/ },
    {
      run: { script: `printf '${DPKG.join('\\n')}\\n'; exit 100` },
      code: 'packages.script',
      message:
        /: postfix, whose post-installation script ended with exit status 75 \(“newaliases: fatal: bad”\); the script ended with status 100/,
      detail: /^newaliases: fatal: bad\ndpkg: error processing package postfix/,
    },
    { run: { script: 'true', cwd: '/no/such' }, code: 'guest.script-failed', message: /status 126/ },
    { run: { script: 'true', user: 'no-such-user' }, code: 'guest.command-failed' },
    { run: { script: 'sleep 20', timeout: '1s' }, code: 'guest.command-timeout' },
    {
      run: { script: 'echo "$T" >&2; exit 1', env: { T: { env: 'T' } } },
      code: 'guest.script-failed',
      detail: /^\*\*\*$/,
    },
  ];
  for (const { run, ...failure } of cases) {
    await t.rejects(steps({ run }, { run: { script: 'echo never' } }), failure, JSON.stringify(run));
    t.notOk(told.includes('never'));
  }
});

t.test('a full disk is the reason of a failed step: how full, what took the room, what to do', async (t) => {
  const small = join(folder, 'small');
  await mkdir(`${small}/data/deep`, { recursive: true });
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=8m,nr_inodes=100', 'tmpfs', small], {
    allow: [0, 1, 32],
  });
  if (mounted.exitCode !== 0) return t.pass('not tried', { skip: 'this host lets nobody mount' });
  t.teardown(() => run('umount', [small]));
  const fill = `mkdir -p ${small}/data/deep; cd ${small}; head -c 5000000 /dev/zero > data/deep/big`;
  await t.rejects(steps({ run: { script: `${fill}; cp /usr/bin/* ${small}` } }), {
    code: 'disk.full',
    message: /^step 1, "run a script": the file system on \S*small is full \(the script ended with status 1\)$/,
    detail:
      /No space left[\s\S]*small \(tmpfs\): 8 of 8 MiB in use, 0 MiB free\nwhat takes most:\n(.*\n)* +5 MiB \S*small\/data\/deep/,
    hint: /machine\.memory/,
  });
  await rm(`${small}/data`, { recursive: true });
  const silent = `cd ${small}; cp /usr/bin/* . 2>/dev/null || exit 3`;
  await t.rejects(steps({ run: { script: silent } }), { code: 'disk.full', message: /status 3/ }, 'whatever is said');
  await run('find', [small, '-mindepth', '1', '-delete']);
  const many = `cd ${small}; for i in $(seq 200); do : > f$i; done`;
  await t.rejects(steps({ run: { script: many } }), {
    code: 'disk.full',
    detail: /100 of 100 inodes/,
    hint: /in memory/,
  });
  await run('find', [small, '-mindepth', '1', '-delete']);
  const cleaned = 'echo "tar: x: Cannot write: No space left on device" >&2; exit 2';
  await t.rejects(steps({ run: { script: cleaned } }), {
    code: 'disk.full',
    message: /was full/,
    hint: /machine\.disk/,
  });
  await t.rejects(steps({ run: { script: 'exit 3' } }), { code: 'guest.script-failed' });
});

t.test('where the room went: folders, not those around them', (t) => {
  const said =
    '3000000\t/\n2500000\t/var\n2400000\t/var/lib\n2300000\t/var/lib/my sql\n400000\t/usr\n120000\t/usr/lib\n';
  t.same(largest(said), ['  2246 MiB /var/lib/my sql', '  391 MiB /usr', '  117 MiB /usr/lib']);
  const df = [
    'Filesystem     Type     1024-blocks    Used Available Capacity Mounted on',
    '/dev/vda3      ext4         3000000 2900000         0     100% /',
    '/dev/sr0       iso9660       213000  213000         0     100% /run/ingot/medium',
    'tmpfs          tmpfs              0       0         0        - /odd one',
    '',
    '/dev/vda3      ext4          196608   30000    166608      16% /',
  ];
  t.same(
    parseUsages(df.join('\n')).map(({ mount, free, unit }) => [mount, free, unit]),
    [
      ['/', 0, 'KiB'],
      ['/run/ingot/medium', 0, 'KiB'],
      ['/odd one', 0, 'KiB'],
      ['/', 166608, 'inodes'],
    ],
  );
  t.end();
});

t.test('ansible: the playbook runs over the pinned connection, or the reason is told', async (t) => {
  await writeFile(
    join(folder, 'play.yml'),
    `- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.copy: {content: "{{ token }}", dest: "${guest}/from-ansible", mode: "0640"}
      tags: [files]
    - ansible.builtin.fail: {msg: "broken"}
      tags: [never, broken]
    - ansible.builtin.shell: {cmd: "printf '${DPKG.join('\\\\n')}'; exit 100"}
      tags: [never, package]
`,
  );
  const variables = { token: { env: 'T' } };
  await steps({ ansible: { playbook: 'play.yml', variables, tags: ['files'] } });
  t.equal(await readFile(`${guest}/from-ansible`, 'utf8'), SECRET);
  const failing = steps({ ansible: { playbook: 'play.yml', variables, tags: ['broken'] } });
  await t.rejects(failing, { code: 'guest.playbook-failed', detail: /broken/ });
  const unset = steps({ ansible: { playbook: 'play.yml', variables, tags: ['package'] } });
  await t.rejects(unset, { code: 'packages.script', message: /postfix, whose post-installation script.*newaliases/ });

  const other = Object.create(session, {
    options: { value: { ...session.options, hostKeys: [createBuildKey().publicKey] } },
  });
  const refused = runSteps([step({ ansible: { playbook: 'play.yml', variables } })], { ...context, session: other });
  await t.rejects(refused, { code: 'guest.playbook-failed', detail: /Host key verification failed/ });

  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  const missing = steps({ ansible: { playbook: 'play.yml' } });
  await t.rejects(missing, { code: 'host.tool-missing', hint: /ansible-core/ });
  process.env['PATH'] = path;
  t.equal(ansibleEnvironment('/f')['ANSIBLE_SSH_ARGS'], '-F /f/ssh_config');
  t.match(sshConfig('/f', ['Port 1']), /^Port 1\n[\s\S]*^StrictHostKeyChecking yes$/m);
  t.notOk(ansibleArguments('/f', '/p', { tags: [] }).includes('--tags'));
});

t.test('a step is called by what it does when it has no name', (t) => {
  const names = [
    [{ name: 'mine', run: { script: 'x' } }, 'mine'],
    [{ copy: { content: '', to: '/a' } }, 'copy to /a'],
    [{ run: { file: 'x.sh' } }, 'run x.sh'],
    [{ ansible: { playbook: 'p.yml' } }, 'ansible p.yml'],
    [{ reboot: {} }, 'reboot'],
  ] as const;
  for (const [value, name] of names) t.equal(stepName(step(value)), name);
  t.end();
});
