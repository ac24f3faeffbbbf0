/**
 * An image with cloud-init under the seeds that people use. Each machine is started three times: new; again, where nothing is
 * made anew; and a copy of it with another instance id and other cards, which is set up as a new machine.
 * INGOT_CLOUD=`pattern,ec2` makes those cases only, INGOT_RELEASES=`13` those releases.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Session } from '../../src/guest/session.ts';
import { check, ingot, machinesOf, overlay, root, testStore, userKey } from '../e2e/support.ts';
import { CASES, type Case, type Instance, RAN } from './cloud/cases.ts';
import { logIn, startCloudMachine, useWrapper } from './cloud/machine.ts';
import { writeSeed } from './cloud/seeds.ts';

t.setTimeout(12 * 60 * 60_000);

const words = (name: string): string[] => (process.env[name] ?? '').split(',').filter((word) => word !== '');
const wanted = words('INGOT_CLOUD');
const strange = wanted.filter((name) => !(name in CASES));
if (strange.length > 0) throw new Error(`no such case: ${strange.join(', ')}`);
const releases = words('INGOT_RELEASES');

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
  readonly hostKeys: readonly string[];
  readonly machineId: string;
}

const look = async (t: Test, session: Session, it: Case, made: Instance): Promise<void> => {
  for (const { run, says } of it.holds(made)) {
    const { stdout, stderr } = await session.exec(run);
    t.match(`${stdout}${stderr}`.trim(), new RegExp(says, 'm'), run);
  }
};

const lookAround = async (t: Test, session: Session, it: Case): Promise<void> => {
  await session.exec('systemctl is-system-running --wait');
  const units = await check(session, 'systemctl list-units --failed --plain --no-legend | cut -d" " -f1');
  t.same(
    units.split('\n').filter((one) => one !== ''),
    it.failed ?? [],
    'units that failed',
  );
  const size = Number(await check(session, 'df --output=size -B1 / | tail -1'));
  t.ok(size > DISK * 0.8, `root has grown to ${size} of ${DISK} bytes`);
  t.equal(await check(session, 'readlink -f /etc/resolv.conf'), '/run/systemd/resolve/stub-resolv.conf');
};

interface Boot {
  readonly nth: string;
  readonly disk: string;
  readonly made: Instance;
  /** How many instances have been set up on this disk. */
  readonly instances: readonly string[];
  readonly isSeeded: boolean;
}

const boot = async (t: Test, name: string, it: Case, { nth, disk, made, instances, isSeeded }: Boot): Promise<Seen> => {
  const folder = join(work, `${name}-${nth}`);
  const seed = await writeSeed(isSeeded ? it.seed(made) : { on: 'nothing' }, `${folder}-seed`);
  const firmware = it.firmware?.(made) ?? {};
  await using machine = await startCloudMachine({ folder, disk, seed, firmware, cards: it.cards, macOf: made.macOf });
  const { session, hostKeys } = await logIn(machine, key, it.user);
  await using _session = session;
  const status = await session.exec('cloud-init status --wait --long');
  t.match(status.stdout, isSeeded ? it.status : /status: disabled/, 'cloud-init');
  t.equal(await check(session, 'hostname'), made.hostname);
  t.match(await check(session, 'getent hosts $(hostname)'), new RegExp(made.hostname));
  await look(t, session, it, made);
  await lookAround(t, session, it);
  if (!it.broken) t.same((await check(session, `cat ${RAN}`)).split('\n'), instances, 'the user data has run');
  const machineId = await check(session, 'cat /etc/machine-id');
  await check(session, 'sync');
  t.equal((await machine.powerOff(OFF_LIMIT)).reason, 'guest-shutdown');
  return { hostKeys, machineId };
};

const recipe = join(root, 'test', 'images', 'cloud', 'recipe.yaml');

for (const release of ['12', '13'].filter((one) => releases.length === 0 || releases.includes(one))) {
  const out = join(work, `out-${release}`);
  const image = join(out, 'cloud', 'cloud.qcow2');

  t.test(`debian ${release}: the image`, async (t) => {
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
      t.same(await boot(t, base, it, again), first, 'nothing is made anew in the second boot');
      const copy = await overlay(disk, 'qcow2', join(work, `${base}-copy.qcow2`));
      const asNew = { nth: '3', disk: copy, made: other, instances: [one.id, other.id], isSeeded: true };
      const { hostKeys } = await boot(t, base, it, asNew);
      t.notSame(hostKeys, first.hostKeys, 'a new instance has host keys of its own');
      for (const path of [copy, disk]) await rm(path);
    });
}
