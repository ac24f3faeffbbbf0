import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse as parseYaml } from 'yaml';
import { ACCESS_UNIT, DOOR_SERVICE, earlyAccessUnit } from '../../src/access/access.ts';
import { doorCredentials } from '../../src/adopt/credential.ts';
import { type ForeignSystem, readForeignSystem } from '../../src/adopt/foreign-system.ts';
import { growDisk, requireNotSmaller } from '../../src/adopt/grow.ts';
import { requireAccess, writeAccess } from '../../src/adopt/offline.ts';
import { requireUsable } from '../../src/adopt/require-usable.ts';
import { userData, writeSeed } from '../../src/adopt/seed.ts';
import { wayInto } from '../../src/adopt/ways-in.ts';
import { openGuestFiles } from '../../src/capture/guest-files.ts';
import { compressLayer, writeLayer } from '../../src/capture/layer.ts';
import { readPartitions } from '../../src/capture/partitions.ts';
import { recognize } from '../../src/distributions/recognize.ts';
import { IngotError } from '../../src/errors.ts';
import { sha256File, temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { sparsePieces } from '../../src/host/sparse-digest.ts';
import { overwrite } from '../capture/small-disk.ts';
import { masterFixture } from '../media/fixture.ts';
import { elfFor, foreignDisk } from './foreign-disk.ts';

const { signal } = new AbortController();
const MIB = 2 ** 20;

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return error instanceof IngotError ? error.code : String(error);
  }
  return 'nothing';
};

t.test('what is on a disk is read from outside', async (t) => {
  const system = await readForeignSystem(await openGuestFiles(await foreignDisk(t)));
  t.match(system, {
    elfMachine: 62,
    firmware: ['bios', 'uefi'],
    hasCloudInit: false,
    hasSshd: true,
    missingDrivers: [],
  });
  t.ok(system.freeBytes > MIB);
  const other = await foreignDisk(
    t,
    {
      '/usr/bin/true': elfFor(40),
      '/usr/bin/cloud-init': '#!/usr/bin/python3\n',
      '/lib/modules/6.1.0/modules.dep': '',
      '/lib/modules/6.1.0-cloud/modules.dep': 'kernel/drivers/char/virtio-console.ko.xz:\n',
    },
    ['/usr/sbin/sshd'],
  );
  await overwrite(other, 0, '\0'.repeat(440));
  t.match(await readForeignSystem(await openGuestFiles(other)), {
    elfMachine: 40,
    firmware: ['uefi'],
    hasCloudInit: true,
    hasSshd: false,
    missingDrivers: ['qemu_fw_cfg'],
  });
});

const USABLE: ForeignSystem = {
  elfMachine: 62,
  firmware: ['bios'],
  hasCloudInit: false,
  hasSshd: true,
  missingDrivers: [],
  freeBytes: 100 * MIB,
};

t.test('each reason why a build cannot begin with an image has a name', async (t) => {
  const machine = { firmware: 'bios' } as const;
  const recipe = { os: { family: 'debian', release: '12', arch: 'amd64' }, machine } as never;
  const codeFor = (changes: Partial<ForeignSystem>, grows = false): string =>
    codeOf(() => requireUsable({ ...USABLE, ...changes }, { image: 'x.qcow2', recipe, grows }));
  t.equal(codeFor({}), 'nothing');
  t.equal(codeFor({ elfMachine: 183 }), 'origin.image-architecture');
  t.equal(codeFor({ firmware: ['uefi'] }), 'origin.image-no-boot-loader');
  t.equal(codeFor({ firmware: [] }), 'origin.image-no-boot-loader');
  t.equal(codeFor({ missingDrivers: ['virtio_blk'] }), 'origin.image-no-driver');
  t.equal(codeFor({ hasSshd: false }), 'origin.image-no-sshd');
  t.equal(codeFor({ freeBytes: MIB }), 'origin.image-full');
  t.equal(codeFor({ freeBytes: MIB }, true), 'nothing', 'a larger disk has room');
});

t.test('the way in is the first that the image understands, or the one that is asked for', async (t) => {
  t.equal(wayInto('auto', { hasCloudInit: true, systemd: 257 }), 'cloud-init');
  t.equal(wayInto('auto', { hasCloudInit: false, systemd: 257 }), 'credential');
  t.equal(wayInto('auto', { hasCloudInit: false, systemd: 252 }), 'offline');
  t.equal(wayInto('auto', { hasCloudInit: false, systemd: undefined }), 'offline');
  t.equal(wayInto('offline', { hasCloudInit: true, systemd: 257 }), 'offline');
  t.equal(
    codeOf(() => wayInto('credential', { hasCloudInit: true, systemd: 255 })),
    'origin.image-access',
  );
  t.equal(
    codeOf(() => wayInto('cloud-init', { hasCloudInit: false, systemd: 257 })),
    'origin.image-access',
  );
});

t.test('the file that a recipe shall start from is recognized', async (t) => {
  const image = await foreignDisk(t);
  t.same(await recognize(image, signal), {
    ...{ kind: 'image', os: { family: 'debian', release: '12' } },
    image: { format: 'raw', firmware: 'bios' },
  });
  const iso = await masterFixture(t.testdir());
  t.same(await recognize(iso, signal), { kind: 'iso', os: { family: 'debian', release: '12' } });
  const release = (text: string) => foreignDisk(t, { '/usr/lib/os-release': text });
  const refusals: [string, string, RegExp][] = [
    [
      await release('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04"\n'),
      'recipe.unsupported',
      /Ubuntu 24/,
    ],
    [await release('ID=debian\nVERSION_ID="10"\n'), 'recipe.unsupported', /10/],
    [await release('ID=gentoo\nPRETTY_NAME=Gentoo\n'), 'recipe.unsupported', /Gentoo/],
    [await release(''), 'recipe.unsupported', /no os-release/],
    [await foreignDisk(t, { '/usr/bin/true': elfFor(183) }), 'origin.image-architecture', /not for amd64/],
  ];
  for (const [file, code, told] of refusals) {
    const error: unknown = await recognize(file, signal).catch((cause: unknown) => cause);
    t.match(error, { code, hint: /./ });
    if (error instanceof IngotError) t.match(`${error.message} ${error.detail}`, told);
  }
});

t.test('a seed is the same bytes each time, and cloud-init finds it by its label', async (t) => {
  await using folder = await temporaryFolder();
  const [one, other] = ['one.iso', 'other.iso'].map((name) => join(folder.path, name)) as [string, string];
  await writeSeed(one, signal);
  await writeSeed(other, signal);
  t.equal(await sha256File(one), await sha256File(other));
  const { stdout } = await run('isoinfo', ['-d', '-i', one]);
  t.match(stdout, /^Volume id: CIDATA$/m);
  const listed = await run('isoinfo', ['-J', '-f', '-i', one]);
  t.same(listed.stdout.trim().split('\n').sort(), ['/meta-data', '/user-data']);
  const [, unit = ''] = /echo ([A-Za-z0-9+/=]+) \|/.exec(userData()) ?? [];
  t.equal(Buffer.from(unit, 'base64').toString(), earlyAccessUnit());
  // cloud-init's schema (22.4): `users` has at least one entry. Accounts are a module that is not among these.
  t.match(parseYaml(userData()), { users: undefined, cloud_init_modules: ['bootcmd', 'growpart', 'resizefs'] });
});

t.test('a credential is the unit itself, in words that a command line takes', async (t) => {
  const [unit = '', wanted = ''] = doorCredentials();
  t.match(
    unit,
    new RegExp(`^io\\.systemd\\.credential\\.binary:systemd\\.extra-unit\\.${DOOR_SERVICE}=[A-Za-z0-9+/=]+$`),
  );
  t.equal(Buffer.from(unit.replace(/^[^=]*=/, ''), 'base64').toString(), earlyAccessUnit());
  t.match(Buffer.from(wanted.replace(/^[^=]*=/, ''), 'base64').toString(), new RegExp(`^Wants=${DOOR_SERVICE}$`, 'm'));
});

t.test('the unit is written into the root of a disk, and the file system stays sound', async (t) => {
  for (const without of [[], ['/etc/systemd/system/ssh-host-keys.service']]) {
    const image = await foreignDisk(t, {}, without);
    await writeAccess(await openGuestFiles(image), signal);
    const files = await openGuestFiles(image);
    await requireAccess(files);
    t.equal(await files.text(ACCESS_UNIT.path), earlyAccessUnit());
    t.match((await files.find(ACCESS_UNIT.path))?.entry, { mode: 0o644, uid: 0, gid: 0 });
    const start = files.mounts.find(({ path }) => path === '/')?.partition.start;
    await run('e2fsck', ['-f', '-n', `${image}?offset=${start}`]);
    // A second time, as for an image that was left unsealed.
    await writeAccess(files, signal);
    await requireAccess(await openGuestFiles(image));
  }
});

t.test('a disk grows with its last partition, and does not shrink', async (t) => {
  const image = await foreignDisk(t);
  const { size } = await stat(image);
  const before = await readPartitions(image);
  await growDisk(await openGuestFiles(image), { from: size, to: 2 * size, signal });
  const after = await readPartitions(image);
  t.equal((await stat(image)).size, 2 * size);
  t.equal(after.partitions.at(-1)?.start, before.partitions.at(-1)?.start);
  t.ok((after.partitions.at(-1)?.size ?? 0) > size);
  t.same(
    after.partitions.map(({ type, uuid, partitionUuid }) => [type, uuid, partitionUuid]),
    before.partitions.map(({ type, uuid, partitionUuid }) => [type, uuid, partitionUuid]),
  );
  await run('sfdisk', ['--verify', image]);
  const files = await openGuestFiles(image);
  t.throws(() => requireNotSmaller('x.qcow2', 2 * size, size), { code: 'origin.image-larger' });
  const [root] = files.mounts.filter(({ path }) => path === '/');
  const first = {
    ...files,
    mounts: [{ ...root, partition: files.table.partitions[0] }].map((one) => ({ ...one, path: '/' })),
  };
  await t.rejects(growDisk(first as never, { from: size, to: 3 * size, signal }), { code: 'origin.image-cannot-grow' });
});

t.test('what was changed in a copy is a layer over the image', async (t) => {
  for (const format of ['qcow2', 'raw'] as const) {
    await using folder = await temporaryFolder();
    const at = (name: string) => join(folder.path, name);
    const source = await foreignDisk(t);
    await run('qemu-img', ['convert', '-f', 'raw', '-O', format, source, at('image')]);
    const digest = await sha256File(at('image'));
    const copy = at('copy.raw');
    await run('qemu-img', ['convert', '-f', format, '-O', 'raw', at('image'), copy]);
    const { digests: before } = await sparsePieces(copy);
    const { size } = await stat(copy);
    const grown = size + 5 * MIB + 512;
    await truncate(copy, grown);
    await overwrite(copy, 3, 'a change');
    await overwrite(copy, grown - 6, 'at end');
    const path = at('layer.qcow2');
    const image = { path: at('image'), format, backing: 'image' };
    await writeLayer({ copy, before, path, image, size: grown, signal });
    await run('qemu-img', ['compare', '-f', 'qcow2', '-F', 'raw', path, copy]);
    t.ok((await stat(path)).size < 6 * MIB, 'only what differs');
    await writeLayer({
      copy,
      before,
      path: at('absolute.qcow2'),
      image: { ...image, backing: image.path },
      size: grown,
      signal,
    });
    await compressLayer(at('absolute.qcow2'), at('thin.qcow2'), { image, signal });
    await run('qemu-img', ['compare', '-f', 'qcow2', '-F', 'raw', at('thin.qcow2'), copy]);
    t.match(
      (await run('qemu-img', ['info', '--output=json', '-f', 'qcow2', at('thin.qcow2')])).stdout,
      /"backing-filename": "image"/,
    );
    t.equal(await sha256File(at('image')), digest, 'the image is as it was');
  }
});
