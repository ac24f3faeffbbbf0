/**
 * Checkpoints on a real guest: a changed step goes on after the one before it, with time, randomness and the build's
 * key of this run; a damaged checkpoint is passed over; a killed build goes on after its last saved step.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { run } from '../../../src/host/run.ts';
import { until } from '../../machine/guest.ts';
import { exampleRecipe, type IngotRun, ingot, root, storeMachines, testStore, userKey } from '../support.ts';

t.setTimeout(60 * 60_000);

const key = await userKey();
const work = join(testStore, 'work');
await mkdir(work, { recursive: true });
const tell = (text: string) => t.comment(text);

/** The example with other steps after its first one. */
const recipeWith = async (name: string, steps: string): Promise<string> => {
  const recipe = join(work, `${name}.yaml`);
  const [head, tail] = (await readFile(exampleRecipe, 'utf8')).split(/^ {2}- name: [^\n]*\n {4}copy:[\s\S]*?(?=^\S)/m);
  await writeFile(recipe, `${head}${steps}\n${tail ?? ''}`);
  return recipe;
};

/** Up to the sealed disk. */
const build = async (name: string, steps: string, folder = testStore): Promise<IngotRun> => {
  const recipe = await recipeWith(name, steps);
  const store = ['--store', folder, '--out', join(work, 'out'), '--until', 'configure'];
  return ingot(['build', recipe, ...store, '--var', `key=${key}.pub`], tell);
};

const phasesOf = ({ events }: IngotRun): string[] =>
  events.flatMap((event) => (event.type === 'stage.phase' ? [event.phase] : []));
const notesOf = ({ events }: IngotRun): string =>
  events.flatMap((event) => (event.type === 'stage.note' ? [event.text] : [])).join('\n');
const linesOf = ({ events }: IngotRun): string =>
  events.flatMap((event) => (event.type === 'stage.line' ? [event.line] : [])).join('\n');

const finish = async (t: Test, run: IngotRun): Promise<void> => {
  const { code, stderr } = await run.ended;
  t.equal(code, 0, stderr);
  t.same(await storeMachines(), [], 'no machine is left');
};

/** Makes these steps of this run alone: what an earlier run has left in the store is not theirs. */
const nonce = randomBytes(4).toString('hex');

const RANDOM = 'echo "random $(head -c 16 /dev/urandom | sha256sum | cut -c1-32)"';
const TELL = `  - name: tell
    run:
      script: |
        # ${nonce}
        echo "time $(date +%s)"
        ${RANDOM}
        systemd-run --quiet --wait --unit=failing false || true
        jq --version`;

/** What it closes, later steps and later runs do not need. */
const mark = (rest: string) => `  - name: mark
    checkpoint: true
    run:
      script: |
        ${RANDOM}
        printf '%s\\n' 'AllowUsers nobody' 'MaxAuthTries 1' > /etc/ssh/sshd_config.d/shut.conf
        systemctl restart ssh.service
        nft 'add table inet shut; add chain inet shut in { type filter hook input priority 0; policy drop; }'
        usermod --lock --shell /usr/sbin/nologin --expiredate 1 root
        echo 'echo WELCOME-NOISE; exit 0' > /root/.bashrc
        echo marked ${nonce} > /var/tmp/mark
  - name: wait
    run: {script: "cat /var/tmp/mark; ${rest}"}`;

const word = (run: IngotRun, name: string): string => new RegExp(`^${name} (\\S+)$`, 'm').exec(linesOf(run))?.[1] ?? '';

t.test('a changed step goes on after the one before it', async (t) => {
  let changed = await build('two', TELL);
  await finish(t, changed);
  if (!notesOf(changed).includes('after step 1')) {
    t.comment('this store had no checkpoint after step 1 yet');
    changed = await build('two', `${TELL}; true`);
    await finish(t, changed);
  }
  t.match(notesOf(changed), /goes on from the checkpoint after step 1, /);
  t.notOk(phasesOf(changed).includes('first boot'), 'nothing is booted');
  t.match(linesOf(changed), /^jq-/m, 'what step 1 has installed is there');
  t.match(notesOf(changed), /failed in the guest: failing\.service \(guest\/units\.txt\)/, 'failed units are named');
  t.ok(Math.abs(Number(word(changed, 'time')) - Date.now() / 1000) < 300, 'the clock is right');

  const killed = await build('killed', mark('sleep 3600'));
  await killed.until((event) => event.type === 'stage.phase' && event.phase === 'wait');
  killed.child.kill('SIGKILL');
  await killed.ended;
  t.match(word(killed, 'random'), /^[0-9a-f]{32}$/);
  t.not(word(killed, 'random'), word(changed, 'random'), 'two runs from one checkpoint have their own randomness');
  t.ok(await until(async () => (await storeMachines()).length === 0), 'no machine outlives a killed build');
  const explain = [
    'explain',
    await recipeWith('killed', mark('true')),
    '--store',
    testStore,
    '--var',
    `key=${key}.pub`,
  ];
  const { stdout } = await run(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...explain]);
  t.match(stdout, /^configure +runs: [\s\S]*goes on from the checkpoint after step 2, "mark"/m, 'explain says so');
  const again = await build('killed', mark('true'));
  await finish(t, again);
  t.match(notesOf(again), /goes on from the checkpoint after step 2, "mark"/, 'it goes on after its last saved step');
  t.notMatch(notesOf(again), /failed in the guest/);
  t.match(linesOf(again), /^marked [0-9a-f]{8}$/m);
});

t.test('a store that was moved has its checkpoints', async (t) => {
  const moved = join(testStore, 'moved');
  await rm(moved, { recursive: true, force: true });
  await mkdir(moved);
  t.teardown(() => rm(moved, { recursive: true, force: true }));
  // Hard links: nothing in a store is written to again.
  for (const name of ['stages', 'shared', 'secret.key'])
    await run('cp', ['-al', join(testStore, name), join(moved, name)]);
  const built = await build('moved', mark('echo moved'), moved);
  await finish(t, built);
  t.match(notesOf(built), /goes on from the checkpoint after step 2, "mark"/);
  t.match(linesOf(built), /^moved$/m);
});

t.test('a damaged checkpoint is said and passed over', async (t) => {
  const folder = join(testStore, 'stages', 'checkpoint');
  for (const name of await readdir(folder)) {
    const memory = join(folder, name, 'memory');
    const ours = (await readFile(join(folder, name, 'key.json'), 'utf8')).includes(nonce);
    if (ours) await truncate(memory, Math.floor((await stat(memory)).size / 2));
  }
  const built = await build('three', mark('echo once more'));
  await finish(t, built);
  t.match(notesOf(built), /a stored checkpoint is damaged and was removed: .*memory: has \d+ bytes instead of \d+/);
  t.match(notesOf(built), /goes on from the checkpoint after step 1, /);
  t.match(linesOf(built), /^marked [0-9a-f]{8}$/m, 'step 2 has run again');
});

t.test('a step that fails leaves evidence, and no secret in it', async (t) => {
  const secret = `token-${randomBytes(8).toString('hex')}`;
  process.env['INGOT_TEST_TOKEN'] = secret;
  const script = 'echo "it is $TOKEN"; echo "it is $TOKEN" > /dev/ttyS0; sleep 1; exit 3';
  const failing = await build(
    'failing',
    `  - name: fail
    run: {script: '${script}', env: {TOKEN: {env: INGOT_TEST_TOKEN}}}`,
  );
  const { code, stderr } = await failing.ended;
  t.equal(code, 1, stderr);
  const end = failing.events.at(-1);
  t.match(end, { type: 'build.failed', error: { code: 'guest.script-failed', message: /step 2, "fail".*status 3/ } });
  const folder = end?.type === 'build.failed' ? end.evidence : '';
  const own = join(folder, 'configure');
  for (const name of ['launch.sh', 'serial.log', 'console.txt']) await t.resolves(stat(join(own, name)), name);
  await t.rejects(stat(join(own, 'screen.png')), 'of a guest that has told a secret there is no picture');
  t.match(await readFile(join(own, 'serial.log'), 'utf8'), /it is \*\*\*/, 'the console told it');
  const { stdout } = await run('grep', ['-rl', '--exclude-dir=unfinished', secret, folder], { allow: [0, 1] });
  t.equal(stdout, '', 'it is in no log, event, recipe or launcher');
  t.notMatch(JSON.stringify(failing.events), secret);
  const layers = await readdir(join(own, 'unfinished'));
  const launcher = await readFile(join(own, 'launch.sh'), 'utf8');
  const named = layers.filter((name) => launcher.includes(name));
  t.equal(named.length, 1, 'the launcher starts the disk that the guest had last');
  t.equal((await stat(join(own, 'unfinished', named[0] ?? ''))).nlink, 1, 'and that one is not in the store');
  t.equal((await stat(join(testStore, 'runs'))).mode & 0o777, 0o700);
  t.same(await storeMachines(), []);
});

t.test('a kernel that panics in a step is told as such, at once', async (t) => {
  const panicking = await build('panic', "  - name: panic\n    run: {script: 'echo c > /proc/sysrq-trigger'}");
  const { code, stderr } = await panicking.ended;
  t.equal(code, 1, stderr);
  t.match(panicking.events.at(-1), { type: 'build.failed', error: { code: 'machine.guest-panic' } });
  t.same(await storeMachines(), []);
});
