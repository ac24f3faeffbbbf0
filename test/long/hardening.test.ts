/**
 * A build whose steps close every door of the image: sshd lets root in no more and hangs up after one try, the firewall drops
 * all, root is locked, expired and has no shell, /run runs nothing. The build goes on by its own way in, over restarts and from
 * checkpoints; the captured disk has nothing of it.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openGuestFiles } from '../../src/capture/guest-files.ts';
import { run } from '../../src/host/run.ts';
import { exampleRecipe, type IngotRun, ingot, machinesOf, testStore, userKey } from '../e2e/support.ts';

t.setTimeout(60 * 60_000);

const key = await userKey();
const work = join(testStore, 'hardening');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });

const HARDEN = String.raw`
printf '%s\n' 'AllowUsers admin-user' 'MaxAuthTries 1' 'PermitRootLogin no' 'PubkeyAuthentication no' > /etc/ssh/sshd_config
rm -f /etc/ssh/ssh_host_*
echo 'ALL: ALL' > /etc/hosts.deny
echo '* - nofile 8' > /etc/security/limits.d/hard.conf
echo 'not now' > /etc/nologin
printf '%s\n' '#!/usr/sbin/nft -f' 'flush ruleset' 'table inet shut {' \
  'chain in { type filter hook input priority 0; policy drop; }' \
  'chain out { type filter hook output priority 0; policy drop; }' '}' > /etc/nftables.conf
systemctl enable --now nftables.service
for file in /root/.bashrc /root/.profile /etc/profile /etc/bash.bashrc; do
  printf 'echo WELCOME-NOISE\nreadonly TMOUT=1\nexport TMOUT\nexit 0\n' | cat - $file > /tmp/new 2>/dev/null; cat /tmp/new > $file
done
usermod --shell /usr/sbin/nologin --lock root
chage --expiredate 0 root
sed -i 's/^UMASK.*/UMASK 077/' /etc/login.defs
echo 'tmpfs /tmp tmpfs noexec,nosuid,nodev 0 0' >> /etc/fstab
mkdir /var/log/cluster; chmod 1775 /var/log/cluster; chgrp adm /var/log/cluster
echo line > /var/log/cluster/main.log; chown nobody /var/log/cluster/main.log
echo line > /var/log/only-more; chattr +a /var/log/only-more
sysctl -n fs.protected_regular | sed 's/^/protected /'`;

const recipeWith = async (last: string): Promise<string> => {
  const recipe = join(work, 'hardened.yaml');
  // Its own tests are of the image as it is.
  const text = (await readFile(exampleRecipe, 'utf8')).replace(/^tests:\n(?: .*\n)+/m, '');
  const [head, tail] = text.split(/^configure:[\s\S]*?(?=^\S)/m);
  const steps = `configure:
  - name: harden
    run:
      script: |
${HARDEN.replaceAll(/^/gm, '        ')}
  - name: restart
    checkpoint: true
    reboot: {}
  - name: after
    checkpoint: true
    run:
      script: |
        echo "root is $(getent passwd root | cut -d: -f7), $(chage -l root | sed -n 's/^Account expires[^:]*: //p')"
        nft list ruleset | grep -c 'policy drop' | sed 's/^/drops /'
        mount -o remount,noexec /run
        ulimit -n
  - name: last
    run: {script: '${last}'}
`;
  await writeFile(recipe, `${head}${steps}${tail ?? ''}`);
  return recipe;
};

const build = async (last: string, ...more: string[]): Promise<IngotRun> => {
  const places = ['--store', testStore, '--out', join(work, 'out'), '--var', `key=${key}.pub`];
  return ingot(['build', await recipeWith(last), ...places, ...more], (text) => t.comment(text));
};

const linesOf = ({ events }: IngotRun): string[] =>
  events.flatMap((event) => (event.type === 'stage.line' ? [event.line] : []));
const notesOf = ({ events }: IngotRun): string =>
  events.flatMap((event) => (event.type === 'stage.note' ? [event.text] : [])).join('\n');

t.test('steps go on after all that they have closed, over a restart', async (t) => {
  const built = await build('echo the first end');
  const { code, stderr } = await built.ended;
  t.equal(code, 0, stderr);
  const lines = linesOf(built);
  for (const line of ['protected 2', 'drops 2', 'the first end'])
    t.ok(
      lines.some((one) => one.includes(line)),
      line,
    );
  t.ok(
    lines.some((line) => /^root is \/usr\/sbin\/nologin, Jan 01, 1970/.test(line)),
    'root is shut',
  );
  t.notMatch(lines.join('\n'), /WELCOME-NOISE/, 'nothing greets');
  t.same(await machinesOf(testStore), []);
});

t.test('the captured disk, seen from outside', async (t) => {
  const files = await openGuestFiles(join(work, 'out', 'debian-12-minimal', 'debian-12-minimal.raw'));
  const units = '/etc/systemd/system';
  t.equal(await files.find(`${units}/ingot-door.service`), undefined);
  t.notMatch((await files.list(`${units}/multi-user.target.wants`)).map(({ name }) => name).join(' '), /ingot/);
  t.match(await files.text('/etc/ssh/sshd_config'), /^MaxAuthTries 1$/m, 'what the steps wrote is there');
  t.match(await files.text('/etc/shadow'), /^root:!/m);
  const logs = ['cluster/main.log', 'only-more'].map(
    async (name) => (await files.find(`/var/log/${name}`))?.entry.size,
  );
  t.same(await Promise.all(logs), [0, 0], 'what the kernel refuses to truncate is empty');
  const raw = join(work, 'out', 'debian-12-minimal', 'debian-12-minimal.raw');
  const traces = 'org\\.ingot\\.ssh|ingot-door|door-host-key';
  const { stdout } = await run('grep', ['-caE', traces, raw], { allow: [0, 1] });
  t.equal(stdout.trim(), '0', 'not even a name of it is in any block');
});

t.test('the build goes on from a checkpoint after them', async (t) => {
  const built = await build('echo the second end', '--until', 'configure');
  const { code, stderr } = await built.ended;
  t.equal(code, 0, stderr);
  t.match(notesOf(built), /goes on from the checkpoint after step [34], /);
  t.notMatch(notesOf(built), /cannot be restored/);
  t.ok(linesOf(built).includes('the second end'));
  t.same(await machinesOf(testStore), []);
});
