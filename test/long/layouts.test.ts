/**
 * Every layout on real components: the delivered medium's own menu, unattended to power-off, by BIOS and by UEFI; then the
 * machine starts from its disks alone (encrypted: with its passphrase at the console; mirrored: from either disk).
 * INGOT_LAYOUTS=`lvm uefi,raid1` runs those only. Each that came to its end is a row of docs/layouts.md.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Session } from '../../src/guest/session.ts';
import { fileRef } from '../../src/host/files.ts';
import { startMachine } from '../../src/machine/machine.ts';
import type { Disk, Firmware } from '../../src/machine/spec.ts';
import { silentReporter } from '../../src/report.ts';
import { ingot, overlay, scanHostKeys, testStore, userKey } from '../e2e/support.ts';
import { until } from '../machine/guest.ts';
import { completeIso } from '../real-installer/debian-iso.ts';
import { orSkip } from '../real-installer/incomplete.ts';
import { emptyDisk, installFrom, probed } from './from-medium.ts';
import { recordLayout } from './layout-report.ts';

t.setTimeout(8 * 60 * 60_000);

interface Layout {
  readonly name: string;
  /** answers.disk */
  readonly disk: string;
  readonly size: string;
  readonly disks?: 2;
  /** Where / and /boot are. */
  readonly root: RegExp;
  readonly commands?: readonly (readonly [command: string, output: RegExp])[];
}

const PASSPHRASE = 'correct horse';
const LAYOUTS: readonly Layout[] = [
  { name: 'plain', disk: '{swap: 256M}', size: '5G', root: /^\/dev\/vda4$/ },
  {
    name: 'lvm',
    disk: '{layout: lvm, swap: 256M, partitions: [{mount: /srv/data, size: 512M}]}',
    size: '6G',
    root: /^\/dev\/mapper\/system-root$/,
    commands: [['sudo lvs --noheadings -o lv_name | sort | xargs', /^root srv_data swap$/]],
  },
  {
    name: 'encrypted',
    disk: '{layout: encrypted, swap: 256M, passphrase: {env: INGOT_TEST_PASSPHRASE}}',
    size: '6G',
    root: /^\/dev\/mapper\/system-root$/,
    commands: [['lsblk -nro TYPE | sort -u | xargs', /\bcrypt\b.*\blvm\b/]],
  },
  {
    name: 'raid1',
    disk: '{layout: raid1, swap: 256M, select: {ids: ["virtio-DISKA*", "virtio-DISKB*"]}}',
    size: '6G',
    disks: 2,
    root: /^\/dev\/md\d+$/,
    commands: [['grep -c "\\[UU\\]" /proc/mdstat', /^3$/]],
  },
  { name: 'automatic', disk: '{layout: automatic}', size: '12G', root: /^\/dev\/vda\d$/ },
  { name: 'automatic-lvm', disk: '{layout: automatic, scheme: lvm}', size: '12G', root: /^\/dev\/mapper\/\S+-root$/ },
];

const wanted = (process.env['INGOT_LAYOUTS'] ?? '').split(',').filter((one) => one !== '');
const isWanted = (layout: string, firmware: Firmware): boolean =>
  wanted.length === 0 || wanted.some((one) => one === layout || one === `${layout} ${firmware}`);

const work = join(testStore, 'layouts');
await mkdir(work, { recursive: true });
const key = await userKey();
const tell = (text: string) => t.comment(text);
const signal = new AbortController().signal;
const iso = await orSkip(completeIso('13', 'english', { folder: join(testStore, 'real-installer'), signal, tell }));
const missing = typeof iso === 'string' && iso;

const mediumFor = async ({ name, disk }: Layout): Promise<string> => {
  if (typeof iso === 'string') throw new Error(iso);
  const recipe = join(work, `${name}.yaml`);
  const { sha256 } = await fileRef(iso.iso);
  await writeFile(
    recipe,
    `name: ${name}
os: {family: debian, release: "13"}
origin: {iso: ${iso.iso}, sha256: ${sha256}}
answers:
  hostname: ${name}
  disk: ${disk}
  users: [{name: admin-user, sudo: nopasswd, sshKeys: [{file: ${key}.pub}]}]
  repositories: [{name: debian, uris: ["http://deb.example.org/debian"], suites: [trixie]}]
machine: {disk: 12G}
media: {start: countdown}
`,
  );
  const medium = join(work, `${name}.iso`);
  const made = ingot(['media', recipe, '--store', testStore, '-o', medium], tell);
  const { code, stderr } = await made.ended;
  if (code !== 0) throw new Error(stderr);
  return medium;
};

/** Starts the machine from these disks, unlocks it where it asks, logs in. */
const booted = async (folder: string, firmware: Firmware, disks: readonly Disk[], isLocked: boolean) => {
  const { accelerator, factor } = await probed();
  const machine = await startMachine(
    {
      name: 'installed',
      cpus: 2,
      memory: 2 ** 30,
      accelerator,
      firmware,
      disks,
      boot: ['disk'],
      network: { mode: 'isolated', model: 'virtio', forwardSsh: true },
      onReboot: 'reset',
    },
    { folder, reporter: silentReporter },
  );
  try {
    if (isLocked) {
      const asks = async () => /Please unlock disk/.test(await machine.console.text());
      if (!(await until(asks, 120_000 * factor))) throw new Error('nobody asked for the passphrase');
      machine.console.type(`${PASSPHRASE}\r`);
    }
    const port = machine.sshPort ?? 0;
    const hostKeys = await scanHostKeys(port, 180_000 * factor);
    const buildKey = { privateKey: await readFile(key, 'utf8'), publicKey: await readFile(`${key}.pub`, 'utf8') };
    const session = await Session.connect({
      port,
      hostKeys,
      key: buildKey,
      user: 'admin-user',
      limit: 120_000,
      reporter: silentReporter,
    });
    return { machine, session };
  } catch (error) {
    await machine[Symbol.asyncDispose]();
    throw error;
  }
};

const look = async (t: Test, session: Session, layout: Layout, firmware: Firmware): Promise<void> => {
  const { name, root, disks, commands = [] } = layout;
  const say = async (command: string) => {
    const { stdout, stderr } = await session.exec(command);
    return `${stdout}${stderr}`.trim();
  };
  t.equal(await say('systemctl is-system-running --wait || systemctl --failed --no-legend'), 'running');
  t.match(await say('findmnt -no SOURCE /'), root);
  t.equal(await say('findmnt -no OPTIONS / | grep -c "^rw\\|,rw"'), '1', 'root is writable');
  t.equal(await say('sudo dpkg --audit'), '');
  t.equal(await say('grep -c "/media/\\|^/dev/sr" /etc/fstab'), '0', 'no drive of the installer in fstab');
  t.match(
    await say('sudo findmnt --verify --tab-file /etc/fstab 2>&1 | tail -n 1'),
    /^(Success|0 parse errors, 0 errors)/,
  );
  const types = await say('lsblk -dnro PARTTYPE,NAME $(lsblk -pnro NAME,TYPE | awk \'$2 == "part" { print $1 }\')');
  const esps = types.split('\n').filter((line) => /^c12a7328-/i.test(line));
  // Under BIOS partman's own recipe has a BIOS boot partition instead.
  const wantedEsps = name.startsWith('automatic') && firmware === 'bios' ? 0 : (disks ?? 1);
  t.equal(esps.length, wantedEsps, `EFI system partitions: ${types}`);
  for (const [command, output] of commands) t.match(await say(command), output, command);
};

for (const layout of LAYOUTS) {
  for (const firmware of ['bios', 'uefi'] as const) {
    const skip = missing || (!isWanted(layout.name, firmware) && 'not asked for');
    t.test(`${layout.name}, ${firmware}`, { skip }, async (t) => {
      process.env['INGOT_TEST_PASSPHRASE'] = PASSPHRASE;
      const folder = join(work, `${layout.name}-${firmware}`);
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      const medium = await mediumFor(layout);
      const disks: Disk[] = [];
      for (const name of ['A', 'B'].slice(0, layout.disks ?? 1)) {
        const path = await emptyDisk(join(folder, `${name}.qcow2`), layout.size);
        disks.push({ path, format: 'qcow2', bus: 'virtio', serial: `DISK${name}` });
      }
      const began = performance.now();
      const outcome = await installFrom({ medium, disks, firmware, folder: join(folder, 'install') });
      const took = (performance.now() - began) / 60_000;
      t.comment(`installed in ${took.toFixed(1)} min`);
      t.same(outcome, { started: true, ended: 'guest-shutdown' });
      if (outcome.ended !== 'guest-shutdown') return;
      {
        const { machine, session } = await booted(join(folder, 'boot'), firmware, disks, layout.name === 'encrypted');
        await using _machine = machine;
        await using _session = session;
        await look(t, session, layout, firmware);
        await machine.powerOff(180_000);
      }
      for (const [index, disk] of layout.disks === 2 ? disks.entries() : []) {
        const path = await overlay(disk.path, 'qcow2', join(folder, `alone-${index}.qcow2`));
        const { machine, session } = await booted(join(folder, `alone-${index}`), firmware, [{ ...disk, path }], false);
        await using _machine = machine;
        await using _session = session;
        const { stdout } = await session.exec('cat /proc/mdstat');
        t.match(stdout, /\[U_\]|\[_U\]/, `starts from disk ${index} alone`);
      }
      if (t.passing()) await recordLayout({ layout: layout.name, firmware, disk: layout.disk, minutes: took });
      await rm(folder, { recursive: true, force: true });
    });
  }
}
