/**
 * Most of what a recipe can answer in one installation by the real installer of each release, and what each became in the
 * installed system; and a netinst whose packages come from a mirror, through a proxy, with a template of one's own.
 * INGOT_ANSWERS=`13,12,mirror` names those that run.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Session } from '../../src/guest/session.ts';
import { fileRef } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { bootFresh, check, ingot, overlay, testStore, userKey } from '../e2e/support.ts';
import { completeIso } from '../real-installer/debian-iso.ts';
import { orSkip } from '../real-installer/incomplete.ts';
import { mirrorProxy } from '../real-installer/proxy.ts';

t.setTimeout(4 * 60 * 60_000);

const key = await userKey();
const work = join(testStore, 'answers');
await rm(work, { recursive: true, force: true });
await mkdir(work, { recursive: true });
const tell = (text: string) => t.comment(text);
const signal = new AbortController().signal;
const options = { folder: join(testStore, 'real-installer'), signal, tell };
const isoOf = (release: '12' | '13', kind: 'english' | 'netinst') => orSkip(completeIso(release, kind, options));

const wanted = (process.env['INGOT_ANSWERS'] ?? '').split(',').filter((one) => one !== '');
const notAsked = (name: string) => wanted.length > 0 && !wanted.includes(name) && 'not asked for';

/** Of `correct`. */
const HASH = '$6$ingotingot$uHeCpF5fhHDCC7uUXtem.NYLvKFS87QXhKqr1dlvOZBcpw9tlcnhgrQrg9aTnzK4WdYujOyGKTrx3Df.iOZNn1';

/** A key that signs the repository that the system is given. */
const repositoryKey = async (): Promise<string> => {
  const home = join(work, 'gnupg');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const gpg = (...args: string[]) => run('gpg', ['--homedir', home, '--batch', '--passphrase', '', ...args]);
  await gpg('--quick-generate-key', 'Repository <repository@example.org>', 'ed25519', 'sign', 'never');
  const path = join(work, 'repository.asc');
  await writeFile(path, (await gpg('--armor', '--export')).stdout);
  await run('gpgconf', ['--homedir', home, '--kill', 'all'], { allow: [0, 1, 2] });
  return path;
};

const build = async (t: Test, name: string, recipe: string): Promise<string> => {
  const path = join(work, `${name}.yaml`);
  await writeFile(path, recipe);
  const { code, stderr } = await ingot(['build', path, '--store', testStore, '--out', join(work, 'out')], tell).ended;
  t.equal(code, 0, stderr);
  return join(work, 'out', name, `${name}.qcow2`);
};

const inImage = async (image: string, name: string, look: (session: Session) => Promise<void>, user = 'admin-user') => {
  const disk = await overlay(image, 'qcow2', join(work, `${name}.qcow2`));
  const { machine, session } = await bootFresh(
    join(work, name),
    {
      firmware: 'bios',
      disks: [{ path: disk, format: 'qcow2', bus: 'virtio' }],
      network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
    },
    { privateKey: await readFile(key, 'utf8'), publicKey: await readFile(`${key}.pub`, 'utf8') },
    user,
  );
  await using _machine = machine;
  await using _session = session;
  await look(session);
};

for (const release of ['13', '12'] as const) {
  const iso = await isoOf(release, 'english');
  t.test(
    `Debian ${release}: most answers at once`,
    { skip: notAsked(release) || (typeof iso === 'string' && iso) },
    async (t) => {
      if (typeof iso === 'string') return;
      const { sha256 } = await fileRef(iso.iso);
      const name = `answers-${release}`;
      const image = await build(
        t,
        name,
        `name: ${name}
os: {family: debian, release: "${release}"}
origin: {iso: ${iso.iso}, sha256: ${sha256}}
answers:
  hostname: alles
  domain: example.org
  locale: de_DE.UTF-8
  keyboard: us(intl)
  timezone: Asia/Tokyo
  ntpServers: [ntp1.example.org, ntp2.example.org]
  # The address that QEMU's network forwards to.
  network: {address: 10.0.2.15/24, gateway: 10.0.2.2, nameservers: [10.0.2.3]}
  root: {password: {hash: "${HASH}"}}
  users:
    - {name: eva, fullName: Eva Beispiel, password: {hash: "${HASH}"}, sudo: password, groups: [adm, operators]}
    - {name: admin-user, sudo: nopasswd, sshKeys: [{file: ${key}.pub}]}
    - {name: guest1}
  packages: [jq]
  tasks: [ssh-server]
  firmware: missing
  consoles: [tty0, "ttyS0,115200"]
  kernelArguments: [net.ifnames=0, audit=1]
  installerArguments: [psmouse.proto=imps]
  repositories:
    - {name: mine, uris: ["https://packages.example.org/debian"], suites: [stable, stable-security], components: [main, extra], key: ${await repositoryKey()}}
  early: {script: "echo early > /var/lib/early"}
  late: {script: "cp /var/lib/early /target/root/early; in-target sh -c 'id -un > /root/late'"}
machine: {disk: 5G}
capture: {formats: [qcow2]}
`,
      );
      await inImage(image, name, async (session) => {
        const says = async (command: string, expected: string | RegExp) => {
          const said = await check(session, command);
          if (typeof expected === 'string') t.equal(said, expected, command);
          else t.match(said, expected, command);
        };
        await says('hostname --fqdn', 'alles.example.org');
        await says('localectl status', /LANG=de_DE\.UTF-8/);
        await says('localectl status', /X11 Layout: us\n.*X11 Model: pc105\n.*X11 Variant: intl/s);
        await says('timedatectl show -p Timezone --value', 'Asia/Tokyo');
        await says('readlink /etc/localtime', '/usr/share/zoneinfo/Asia/Tokyo');
        await says('timedatectl show-timesync -p SystemNTPServers --value', 'ntp1.example.org ntp2.example.org');
        await says('ip -4 -brief address show scope global', /^eth0 +UP +10\.0\.2\.15\/24/);
        await says('ip route show default', /via 10\.0\.2\.2 /);
        await says('resolvectl dns eth0', /10\.0\.2\.3$/);
        await says(`sudo getent shadow root eva | cut -d: -f2 | sort -u`, HASH);
        await says('id -nG eva', /\badm\b.*\boperators\b|\boperators\b.*\badm\b/);
        await says('getent passwd eva | cut -d: -f5 | cut -d, -f1', 'Eva Beispiel');
        await says('id -nG guest1 && id -nG eva', /\busers\b(.|\n)*\busers\b/);
        await says('stat -c %a /home/eva /home/admin-user /home/guest1 | sort -u', '700');
        await says('sudo cat /etc/sudoers.d/90-users', 'eva ALL=(ALL:ALL) ALL\nadmin-user ALL=(ALL:ALL) NOPASSWD:ALL');
        await says('sudo passwd --status guest1 | cut -d" " -f2', 'L');
        await says('jq --version', /^jq-/);
        await says("dpkg -s task-ssh-server | grep '^Status'", 'Status: install ok installed');
        await says('cat /proc/cmdline', /console=tty0 console=ttyS0,115200 net\.ifnames=0 audit=1/);
        await says(
          'cat /etc/apt/sources.list.d/ingot.sources',
          /^Suites: stable stable-security\nComponents: main extra\nSigned-By:\n -----BEGIN PGP/m,
        );
        await says('grep -rv "^#" /etc/apt/sources.list || true', '');
        await says('sudo cat /root/early /root/late', 'early\nroot');
        await says('ls /etc/modprobe.d /etc/securetty 2>&1 | grep -c "local.conf\\|^/etc/securetty$" || true', '0');
        await says(
          'dpkg -s qemu-guest-agent laptop-detect discover popularity-contest 2> /dev/null | grep "^Status" || true',
          '',
        );
        t.equal(
          await check(session, 'systemctl is-system-running --wait || systemctl --failed --no-legend'),
          'running',
        );
      });
    },
  );
}

const netinst = await isoOf('13', 'netinst');
t.test(
  'a netinst with a mirror, a proxy, and a template',
  { skip: notAsked('mirror') || (typeof netinst === 'string' && netinst) },
  async (t) => {
    if (typeof netinst === 'string') return;
    await using proxy = await mirrorProxy('13', 'mirror.example.org');
    const { sha256 } = await fileRef(netinst.iso);
    const template = join(work, 'own.cfg.ejs');
    await writeFile(
      template,
      `# An answer file of one's own.
<%- include('locale') -%>
<%- include('hardware') -%>
<%- include('network') -%>
<%- include('accounts') -%>
<%- include('clock') -%>
<%- include('partitioning') -%>
<%- include('base') -%>
<%- include('packages') -%>
d-i pkgsel/include string <%= packages.join(' ') %> <%= values.more %>
<%- include('bootloader') -%>
<%- include('commands') -%>
<%- include('finish') -%>
`,
    );
    const image = await build(
      t,
      'from-mirror',
      `name: from-mirror
os: {family: debian, release: "13"}
origin: {iso: ${netinst.iso}, sha256: ${sha256}, mirror: "http://mirror.example.org/debian", proxy: "http://10.0.2.2:${proxy.port}"}
answers:
  users: [{name: admin-user, sudo: nopasswd, sshKeys: [{file: ${key}.pub}]}]
  template: {file: ${template}, values: {more: tree}}
  repositories: [{name: debian, uris: ["http://mirror.example.org/debian"], suites: [trixie]}]
machine: {disk: 5G, network: open}
`,
    );
    t.ok(
      proxy.asked.some((path) => path.includes('/pool/main/t/tree/')),
      'what the ISO lacks came from the mirror',
    );
    await inImage(image, 'from-mirror', async (session) => {
      t.equal(await check(session, 'sudo dpkg --audit'), '');
      t.match(await check(session, 'tree --version'), /^tree v/);
      t.equal(await check(session, 'grep -rl "10.0.2.2" /etc || true'), '', 'the proxy was the installer’s');
    });
  },
);
