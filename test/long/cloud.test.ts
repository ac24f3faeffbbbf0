/**
 * An image with cloud-init under the seeds that people use. Each machine is started three times: new; again, where nothing is
 * made anew; and a copy of it with another instance id and other cards, which is set up as a new machine.
 * INGOT_CLOUD=`pattern,ec2` makes those cases only, INGOT_RELEASES=`13` those releases; INGOT_CLOUD_BOOTS=`1` stops
 * after so many of the three. With INGOT_CLOUD_IMAGE nothing is built: it is the image, of one release.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Machine } from '../../src/machine/machine.ts';
import { ingot, machinesOf, overlay, root, testStore, userKey } from '../e2e/support.ts';
import { reported, reportScript } from './cloud/boot-report.ts';
import { CASES, type Case, type Instance, RAN } from './cloud/cases.ts';
import { logIn, startCloudMachine, useWrapper } from './cloud/cloud-machine.ts';
import { writeSeed } from './cloud/seeds.ts';

t.setTimeout(12 * 60 * 60_000);

const words = (name: string): string[] => (process.env[name] ?? '').split(',').filter((word) => word !== '');
const wanted = words('INGOT_CLOUD');
const strange = wanted.filter((name) => !(name in CASES));
if (strange.length > 0) throw new Error(`no such case: ${strange.join(', ')}`);
const releases = words('INGOT_RELEASES');
const boots = Number(process.env['INGOT_CLOUD_BOOTS'] ?? 3);
const given = process.env['INGOT_CLOUD_IMAGE'];

const keyFile = await userKey();
const key = { privateKey: await readFile(keyFile, 'utf8'), publicKey: await readFile(`${keyFile}.pub`, 'utf8') };
const work = join(testStore, 'cloud');
await mkdir(work, { recursive: true });
const DISK = 10 * 2 ** 30;
const OFF_LIMIT = 5 * 60_000;

const instance = (nth: number): Instance => ({
  id: `i-000${nth}`,
  hostname: `guest${nth}`,
  publicKey: key.publicKey.trim(),
  macOf: (card) => `52:54:00:00:0${nth}:0${card}`,
});

/** What must stay the same in the next boot, and what a new instance has of its own. */
interface Seen {
  readonly hostKey: string;
  readonly machineId: string;
}

/** What every machine is asked, beside what its case asks. */
const QUESTIONS = {
  status: 'cloud-init status --long',
  hostname: 'hostname',
  hosts: 'getent hosts $(hostname)',
  failed: 'systemctl list-units --failed --plain --no-legend | cut -d" " -f1',
  size: 'df --output=size -B1 / | tail -1',
  resolver: 'readlink -f /etc/resolv.conf',
  instances: `cat ${RAN}`,
  hostKey: 'cat /etc/ssh/ssh_host_ed25519_key.pub',
  machineId: 'cat /etc/machine-id',
  /** Shown where something is wrong. */
  evidence:
    'sudo cat /etc/netplan/*.yaml; networkctl --no-pager; ip address; ip route; sudo journalctl -b --no-pager -u systemd-networkd -u far-gateways | tail -n 40; sudo grep -E "WARN|ERROR|Traceback" /var/log/cloud-init.log; sudo tail -n 20 /var/log/cloud-init-output.log',
} as const;

const overSsh = async (machine: Machine, user: string, questions: readonly string[]): Promise<string[]> => {
  await using session = await logIn(machine, key, user);
  await session.exec('cloud-init status --wait; systemctl is-system-running --wait');
  const answers: string[] = [];
  for (const question of questions) {
    const { stdout, stderr } = await session.exec(question);
    answers.push(`${stdout}${stderr}`.trim());
  }
  await session.exec('sync');
  return answers;
};

interface Boot {
  readonly nth: string;
  readonly disk: string;
  readonly made: Instance;
  /** Those that have been set up on this disk. */
  readonly instances: readonly string[];
  readonly isSeeded: boolean;
}

const boot = async (t: Test, name: string, it: Case, { nth, disk, made, instances, isSeeded }: Boot): Promise<Seen> => {
  const folder = join(work, `${name}-${nth}`);
  await rm(folder, { recursive: true, force: true });
  const looks = it.holds(made);
  const questions = [...Object.values(QUESTIONS), ...looks.map(({ run }) => run)];
  const seed = await writeSeed(
    isSeeded ? it.seed({ ...made, report: reportScript(questions) }) : { on: 'nothing' },
    `${folder}-seed`,
  );
  const firmware = it.firmware?.(made) ?? {};
  await using machine = await startCloudMachine({ folder, disk, seed, firmware, cards: it.cards, macOf: made.macOf });
  const answers = await (it.user === undefined ? reported(folder, machine) : overSsh(machine, it.user, questions));
  const answerOf = (name: keyof typeof QUESTIONS): string => answers[Object.keys(QUESTIONS).indexOf(name)] ?? '';

  t.match(answerOf('status'), isSeeded ? it.status : /status: disabled/);
  t.equal(answerOf('hostname'), made.hostname);
  t.match(answerOf('hosts'), new RegExp(`\\s${made.hostname}`), 'its name can be resolved');
  t.equal(answerOf('failed'), (it.failed ?? []).join('\n'), 'units that failed');
  t.ok(Number(answerOf('size')) > DISK * 0.8, `root has grown to ${answerOf('size')} of ${DISK} bytes`);
  t.equal(answerOf('resolver'), '/run/systemd/resolve/stub-resolv.conf');
  if (!it.broken) t.equal(answerOf('instances'), instances.join('\n'), 'the user data has run once for each instance');
  for (const [at, { run, says }] of looks.entries())
    t.match(answers[Object.keys(QUESTIONS).length + at], new RegExp(says, 'm'), run);
  if (!t.passing()) t.comment(answerOf('evidence'));
  t.equal((await machine.powerOff(OFF_LIMIT)).reason, 'guest-shutdown');
  return { hostKey: answerOf('hostKey'), machineId: answerOf('machineId') };
};

const recipe = join(root, 'test', 'images', 'cloud', 'recipe.yaml');

for (const release of ['12', '13'].filter((one) => releases.length === 0 || releases.includes(one))) {
  const out = join(work, `out-${release}`);
  const image = given ?? join(out, 'cloud', 'cloud.qcow2');

  t.test(`debian ${release}: the image`, { skip: given !== undefined }, async (t) => {
    const variables = ['--var', `key=${keyFile}.pub`, '--var', `release=${release}`];
    const build = ingot(['build', recipe, '--store', testStore, '--out', out, ...variables], (text) => t.comment(text));
    const { code, stderr } = await build.ended;
    t.equal(code, 0, stderr);
    t.same(await machinesOf(testStore), []);
  });

  for (const [name, it] of Object.entries(CASES).filter(([one]) => wanted.length === 0 || wanted.includes(one)))
    t.test(`debian ${release}: ${it.name}`, async (t) => {
      await useWrapper(join(work, 'bin'));
      const base = `${release}-${name}`;
      const disk = await overlay(image, 'qcow2', join(work, `${base}.qcow2`), DISK);
      const [one, other] = [instance(1), instance(2)];
      const first = await boot(t, base, it, { nth: '1', disk, made: one, instances: [one.id], isSeeded: true });
      const again = { nth: '2', disk, made: one, instances: [one.id], isSeeded: !it.once };
      if (boots > 1) t.same(await boot(t, base, it, again), first, 'nothing is made anew in the second boot');
      if (boots < 3) return;
      const copy = await overlay(disk, 'qcow2', join(work, `${base}-copy.qcow2`));
      const asNew = { nth: '3', disk: copy, made: other, instances: [one.id, other.id], isSeeded: true };
      const { hostKey } = await boot(t, base, it, asNew);
      t.match(hostKey, /^ssh-ed25519 /);
      t.not(hostKey, first.hostKey, 'a new instance has host keys of its own');
      for (const path of [copy, disk]) await rm(path);
    });
}
