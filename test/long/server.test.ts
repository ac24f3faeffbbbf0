/**
 * The server example of each release: built whole, then started as a cloud does it, with a NoCloud seed, and as a plain machine, with
 * none. cloud-init has the network and the growing of the disk where it finds its data source; without one, the image
 * looks after itself.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openGuestFiles } from '../../src/capture/guest-files.ts';
import type { Manifest } from '../../src/capture/manifest.ts';
import { inspectDisk } from '../../src/distributions/debian/system/facts.ts';
import { checkPortability } from '../../src/distributions/debian/system/portability.ts';
import type { Session } from '../../src/guest/session.ts';
import { run } from '../../src/host/run.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { bootFresh, ingot, machinesOf, overlay, root, testStore, userKey } from '../e2e/support.ts';

t.setTimeout(2 * 60 * 60_000);

const keyFile = await userKey();
const key = { privateKey: await readFile(keyFile, 'utf8'), publicKey: await readFile(`${keyFile}.pub`, 'utf8') };
const work = join(testStore, 'server');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
const DISK = 20 * 2 ** 30;

const check = async (session: Session, command: string): Promise<string> => {
  const { stdout, stderr, exitCode } = await session.exec(command);
  if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}: ${stdout}${stderr}`);
  return stdout.trim();
};

/** What holds for every machine made from the image. */
const healthy = async (t: Test, session: Session): Promise<void> => {
  t.equal(await check(session, 'systemctl is-system-running --wait || systemctl --failed --no-legend'), 'running');
  t.match(await check(session, 'curl --fail --silent http://localhost/'), /It works/);
  t.match(await check(session, 'cat /etc/default/locale'), /de_DE\.UTF-8/);
  t.match(await check(session, 'readlink -f /etc/localtime'), /Europe\/Berlin/);
  t.match(await check(session, 'findmnt --noheadings --output TARGET /var'), /^\/var$/);
  t.match(await check(session, 'cat /proc/swaps'), /partition/);
  const size = Number(await check(session, 'df --output=size -B1 / | tail -1'));
  t.ok(size > DISK / 2, `root has grown to ${size} of ${DISK} bytes`);
  t.equal(await check(session, 'sudo dpkg --audit'), '');
  await check(session, 'sudo apt-get check');
  t.equal(await check(session, 'timedatectl show-timesync --property=SystemNTPServers --value'), 'ntp.example.org');
  t.match(await check(session, 'locale -a'), /^de_DE\.utf8$/m);
};

for (const release of ['12', '13']) {
  const name = `debian-${release}-server`;
  const recipe = join(root, 'examples', `${name}.yaml`);
  const output = join(work, 'out', name);
  const image = join(output, `${name}.qcow2`);

  const boot = async (kind: string, user: string, seed?: string) => {
    const disk = await overlay(image, 'qcow2', join(work, `${name}-${kind}.qcow2`), DISK);
    return bootFresh(
      join(work, `${name}-${kind}`),
      {
        firmware: 'uefi',
        disks: [{ path: disk, format: 'qcow2', bus: 'virtio' }],
        network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
        ...(seed === undefined ? {} : { cdrom: seed }),
      },
      key,
      user,
    );
  };

  t.test(`${name}: an image and a medium`, async (t) => {
    const variables = ['--var', `key=${keyFile}.pub`, '--var', 'hostname=web'];
    const build = ingot(['build', recipe, '--store', testStore, '--out', join(work, 'out'), ...variables], (text) =>
      t.comment(text),
    );
    const { code, stderr } = await build.ended;
    t.equal(code, 0, stderr);
    await run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: output });
    const manifest: Manifest = JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8'));
    const installed = new Set(manifest.packages.map(({ name }) => name));
    for (const wanted of [
      'cloud-init',
      'qemu-guest-agent',
      'nginx-light',
      'curl',
      'htop',
      'unattended-upgrades',
      'openssh-client',
    ])
      t.ok(installed.has(wanted), wanted);
    t.same(await machinesOf(testStore), []);
  });

  t.test(`${name}: portable and right, seen from outside`, async (t) => {
    const raw = join(work, `${name}.raw`);
    await run('qemu-img', ['convert', '-O', 'raw', image, raw]);
    const files = await openGuestFiles(raw);
    const loaded = await loadRecipe(recipe, { variables: { key: `${keyFile}.pub`, hostname: 'web' }, env: {} });
    const facts = await inspectDisk(files);
    t.same(checkPortability(facts, loaded.recipe.answers), []);
    t.equal(facts.initramfs.resume, 'none', 'a swap partition is no resume device');
    await rm(raw);
  });

  t.test(`${name}: cloud-init takes over where it finds a seed`, async (t) => {
    const files = join(work, `${name}-seed`);
    await mkdir(files);
    await writeFile(join(files, 'meta-data'), 'instance-id: i-1\nlocal-hostname: seeded\n');
    const user = { name: 'cloudy', sudo: 'ALL=(ALL) NOPASSWD:ALL', ssh_authorized_keys: [key.publicKey.trim()] };
    await writeFile(join(files, 'user-data'), `#cloud-config\n${JSON.stringify({ users: [user] })}\n`);
    const seed = join(work, `${name}-seed.iso`);
    await run('xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'cidata', '-r', '-J', '-o', seed, files]);
    const { machine, session } = await boot('seeded', 'cloudy', seed);
    await using _machine = machine;
    await using _session = session;
    t.match(await check(session, 'cloud-init status --wait --long'), /status: done[\s\S]*DataSourceNoCloud/);
    t.equal(await check(session, 'hostname'), 'seeded');
    t.match(await check(session, 'ls /etc/systemd/network'), /cloud-init/, 'it has set up the network');
    await healthy(t, session);
  });

  t.test(`${name}: without a data source the image looks after itself`, async (t) => {
    const { machine, session } = await boot('plain', 'operator1');
    await using _machine = machine;
    await using _session = session;
    t.match(await check(session, 'cloud-init status || true'), /disabled/);
    const sources = await check(session, 'grep -rh ^datasource_list /etc/cloud/cloud.cfg.d | tail -1');
    t.match(sources, /NoCloud, ?ConfigDrive, ?OpenStack, ?None/);
    t.equal(await check(session, 'hostname'), 'web');
    t.match(await check(session, 'networkctl --no-pager --no-legend list'), /routable\s+configured/);
    await healthy(t, session);
  });
}
