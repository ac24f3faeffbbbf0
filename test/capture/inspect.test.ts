import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { createBuildKey, createBuildKeys } from '../../src/access/key.ts';
import { assertSealed, inspectSeal } from '../../src/capture/assert-sealed.ts';
import { glob } from '../../src/capture/glob.ts';
import { openGuestFiles } from '../../src/capture/guest-files.ts';
import { packageLines } from '../../src/capture/installed-packages.ts';
import { assertPrivateKeysAbsent, needlesOf } from '../../src/capture/needles.ts';
import { privateKeysIn } from '../../src/capture/private-keys.ts';
import { scrubFreeBlocks } from '../../src/capture/scrub.ts';
import { DEBIAN_SEAL } from '../../src/distributions/debian/seal-units.ts';
import { readPackages } from '../../src/distributions/debian/system/dpkg-packages.ts';
import { sealUnits } from '../../src/guest/seal/units.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { silentReporter } from '../../src/report.ts';
import { diskWith, ESP_UUID, type Files, FSTAB, overwrite, ROOT_UUID } from './small-disk.ts';

const SEAL = { skip: [], remove: [] };
const units = sealUnits(DEBIAN_SEAL);
/** Two pages in, after the header with its signature. */
const DIRTY_SWAP = `${'\0'.repeat(4086)}SWAPSPACE2${'\0'.repeat(4096)}a page of a process${'\0'.repeat(9000)}`;
const options = { reporter: silentReporter };

t.test('files are read as fstab arranges them, through links and over file systems', async (t) => {
  const long = `/${'a'.repeat(70)}/target`;
  const binary = randomBytes(20_000).toString('hex');
  const image = await diskWith(t, {
    '/data/binary': binary,
    '/data/with space': 'spaced',
    '/data/slow': { link: long },
    '/data/loop': { link: 'loop' },
    '/relative': { link: 'data/../etc/hostname' },
  });
  const files = await openGuestFiles(image);
  t.same(
    files.mounts.map(({ path, partition }) => [path, partition.uuid]),
    [
      ['/boot/efi', ESP_UUID],
      ['/', ROOT_UUID],
    ],
  );
  t.equal(await files.text('/relative'), 'small\n');
  t.equal(await files.text('/data/with space'), 'spaced');
  t.equal(await files.text('/data/binary'), binary);
  t.equal(await files.link('/data/slow'), long);
  t.equal(await files.find('/data/loop'), undefined);
  t.equal(await files.text('/boot/efi/EFI/debian/grub.cfg'), 'configfile\n');
  t.same(await glob(files, '/boot/efi/EFI/*/*'), ['/boot/efi/EFI/BOOT/BOOTX64.EFI', '/boot/efi/EFI/debian/grub.cfg']);
  t.same(await glob(files, '/etc/**/*.conf'), ['/etc/initramfs-tools/initramfs.conf', '/etc/repart.d/50-root.conf']);
  t.same(await glob(files, '/var/mail/*'), []);
  t.match(await files.find('/etc/shadow'), { entry: { mode: 0o640, type: 'file' } });
  t.equal(packageLines(await readPackages(files)), 'hello 2.10-3 amd64\n');
  t.match(await readPackages(files), [{ source: 'hello-src', sourceVersion: '2.10' }]);
});

t.test('a sealed disk passes, and each thing left behind is found', async (t) => {
  const sealed = await openGuestFiles(await diskWith(t));
  t.same(await inspectSeal(sealed, units, SEAL), []);
  await assertSealed(sealed, { units, seal: SEAL }, [], options);

  const cases: readonly { readonly changes: Files; readonly found: readonly [string, RegExp] }[] = [
    { changes: { '/etc/systemd/system/ingot-door.service': 'x' }, found: ['build-access', /ingot-door/] },
    {
      changes: { '/etc/systemd/system/own.service': '[Service]\nExecStart=sh /sys/x/opt/org.ingot/door/raw\n' },
      found: ['build-access', /own.service:2: .*hypervisor/],
    },
    {
      changes: { '/etc/systemd/system/multi-user.target.wants/ingot-door.service': { link: '/etc/x' } },
      found: ['build-access', /ingot-door/],
    },
    { changes: { '/etc/apt/sources.list': 'deb cdrom:[Debian]/ bookworm main\n' }, found: ['medium-source', /:1:/] },
    {
      changes: { '/etc/apt/sources.list.d/x.sources': 'Types: deb\nURIs: file:/run/ingot/medium\n' },
      found: ['medium-source', /x.sources:2/],
    },
    { changes: { '/etc/apt/apt.conf.d/00trustcdrom': 'x' }, found: ['build-settings', /00trustcdrom/] },
    { changes: { '/etc/dpkg/dpkg.cfg.d/fast': 'force-unsafe-io\n' }, found: ['build-settings', /fsync/] },
    { changes: { '/usr/sbin/policy-rc.d': '#!/bin/sh\nexit 101\n' }, found: ['build-settings', /policy-rc.d:2/] },
    { changes: { '/var/lib/apt/lists/index': 'x' }, found: ['package-caches', /index/] },
    { changes: { '/var/log/installer/syslog': '' }, found: ['installer-traces', /installer/] },
    { changes: { '/var/cache/debconf/passwords.dat': 'Name: p' }, found: ['debconf-passwords', /7 bytes/] },
    { changes: { '/etc/ssh/ssh_host_rsa_key': 'k' }, found: ['ssh-host-keys', /ssh_host_rsa_key/] },
    { changes: { '/etc/machine-id': 'uninitialized\n' }, found: ['machine-id', /not empty/] },
    { changes: { '/var/lib/dbus/machine-id': '' }, found: ['machine-id', /not a link/] },
    { changes: { '/var/lib/dhcp/dhclient.eth0.leases': 'lease' }, found: ['network-leases', /leases/] },
    { changes: { '/etc/resolv.conf': 'nameserver 10.0.2.3\n' }, found: ['network-leases', /resolv.conf:1/] },
    { changes: { '/var/lib/systemd/random-seed': 'x' }, found: ['random-seeds', /random-seed/] },
    {
      changes: { '/etc/ssl/private/ssl-cert-snakeoil.key': 'k' },
      found: ['service-identities', /ssl-cert-snakeoil\.key is there/],
    },
    { changes: { '/usr/sbin/make-ssl-cert': 'x' }, found: ['service-identities', /nothing would make new keys/] },
    { changes: { '/etc/munge/munge.key': 'k' }, found: ['service-identities', /munge\.key/] },
    { changes: { '/var/lib/munge/munged.seed': 'k' }, found: ['service-identities', /munged\.seed/] },
    {
      changes: { '/etc/iscsi/initiatorname.iscsi': 'InitiatorName=iqn.1993-08.org.debian:01:abc\n' },
      found: ['service-identities', /initiatorname\.iscsi:1: .*iSCSI/],
    },
    { changes: { '/etc/nvme/hostnqn': 'nqn' }, found: ['service-identities', /hostnqn/] },
    { changes: { '/etc/krb5.keytab': 'k' }, found: ['service-identities', /keytab/] },
    { changes: { '/var/lib/docker/engine-id': 'x' }, found: ['service-identities', /engine-id/] },
    { changes: { '/etc/salt/pki/minion/minion.pem': 'x' }, found: ['service-identities', /minion\.pem/] },
    { changes: { '/var/lib/cloud/instance': 'x' }, found: ['cloud-init-state', /instance/] },
    { changes: { '/root/.bash_history': 'ls' }, found: ['shell-histories', /bash_history/] },
    { changes: { '/home/me/.python_history': 'x' }, found: ['shell-histories', /python_history/] },
    { changes: { '/home/me/.nano/search_history': 'x' }, found: ['shell-histories', /search_history/] },
    { changes: { '/root/.local/share/nano/x': 'x' }, found: ['shell-histories', /nano/] },
    { changes: { '/var/lib/postgresql/.psql_history': 'x' }, found: ['shell-histories', /psql_history/] },
    { changes: { '/srv/ftp/.cache/x': 'x' }, found: ['temporary-files', /srv\/ftp\/\.cache/] },
    { changes: { '/swapfile': DIRTY_SWAP }, found: ['swap-contents', /\/swapfile holds data at 8192/] },
    { changes: { '/srv/named.swap': DIRTY_SWAP }, found: ['swap-contents', /named\.swap holds data/] },
    { changes: { '/srv/unit.swap': DIRTY_SWAP }, found: ['swap-contents', /unit\.swap holds data/] },
    { changes: { '/tmp/.hidden': 'x' }, found: ['temporary-files', /hidden/] },
    { changes: { '/var/log/apt/term.log': 'x' }, found: ['logs', /term.log has 1 bytes/] },
    { changes: { '/var/log/journal/0/': '' }, found: ['logs', /journal/] },
    { changes: { '/var/spool/mail/root': 'x' }, found: ['logs', /mail/] },
  ];
  const changes = Object.assign({}, ...cases.map((one) => one.changes), {
    '/etc/passwd':
      'root:x:0:0:root:/root:/bin/bash\npostgres:x:100:100::/var/lib/postgresql:/bin/bash\nftp:x:101:101::/srv/ftp:/bin/sh\n',
    '/etc/fstab': `${FSTAB}/srv/named.swap none swap sw 0 0\n`,
    '/etc/systemd/system/srv-unit.swap.swap': '[Swap]\nWhat=/srv/unit.swap\n',
    // A file of that name which is no swap area is nobody's business.
    '/swap.img': 'some text',
  });
  const findings = await inspectSeal(
    await openGuestFiles(await diskWith(t, changes, { dirtySwap: true })),
    units,
    SEAL,
  );
  for (const { found } of [...cases, { found: ['swap-contents', /partition 3/] as const }]) {
    const [operation, message] = found;
    t.ok(
      findings.some((one) => one.operation === operation && message.test(one.message)),
      `${operation}: ${message}`,
    );
  }
  const skipped = await inspectSeal(await openGuestFiles(await diskWith(t, changes)), units, {
    skip: ['logs'],
    remove: ['/home'],
  });
  t.notOk(skipped.some(({ operation }) => operation === 'logs'));
  t.ok(skipped.some(({ operation, message }) => operation === 'seal.remove' && /\/home/.test(message)));
});

t.test('private keys are told with their paths, and nothing else is', async (t) => {
  const pem = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n';
  const files = await openGuestFiles(
    await diskWith(t, {
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\ngit:x:100:100::/srv/git:/bin/sh\n',
      '/root/.ssh/id_ed25519': pem,
      '/root/.ssh/known_hosts': 'host ssh-ed25519 AAAA\n',
      '/root/.ssh/authorized_keys': 'ssh-ed25519 AAAA x\n',
      '/home/me/server.pem': pem.replace('OPENSSH ', ''),
      '/home/me/cert.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n',
      '/srv/git/.ssh/deploy': pem,
      '/srv/other/.ssh/id_rsa': pem,
      '/etc/wireguard/wg0.conf': '[Interface]\nPrivateKey = abc=\n',
      '/etc/openvpn/server/server.key': pem,
      '/home/me/.gnupg/private-keys-v1.d/x.key': 'Key: (private-key (rsa))\n',
      '/etc/ssl/private/huge': `${pem}${'x'.repeat(100_000)}`,
    }),
  );
  t.same(await privateKeysIn(files), [
    '/etc/openvpn/server/server.key',
    '/etc/wireguard/wg0.conf',
    '/home/me/.gnupg/private-keys-v1.d/x.key',
    '/home/me/server.pem',
    '/root/.ssh/id_ed25519',
    '/srv/git/.ssh/deploy',
  ]);
});

t.test('missing pieces are found too', async (t) => {
  const without = ['/etc/machine-id', '/etc/systemd/system/ssh.service.wants/ssh-host-keys.service'];
  const files = await openGuestFiles(await diskWith(t, {}, { without }));
  t.match(await inspectSeal(files, units, SEAL), [
    { operation: 'ssh-host-keys', message: /sshd would not start/ },
    { operation: 'machine-id', message: /missing/ },
  ]);
  await t.rejects(assertSealed(files, { units, seal: SEAL }, [], options), {
    code: 'capture.not-sealed',
    detail: /machine-id/,
  });
});

t.test('secrets and keys are found in files, in freed blocks, and told by name', async (t) => {
  const key = createBuildKey();
  const hash = '$y$j9T$abcdefghijk$0123456789012345678901234567890123456789012';
  const needles = needlesOf({
    publicKeys: [key.publicKey],
    secrets: { values: () => ['correct-horse', hash], describe: (value) => `of ${value.length} characters` },
    passwordHashes: [hash],
  });
  const image = await diskWith(t, {
    '/etc/shadow': `root:${hash}:19000:0:99999:7:::\n`,
    '/etc/app/token': 'token = correct-horse\n',
  });
  const files = await openGuestFiles(image);
  const expect = (detail: RegExp) => ({ code: 'capture.secret-found', detail });
  await t.rejects(
    assertSealed(files, { units, seal: SEAL }, needles, options),
    expect(/^secret of 13 characters: byte \d+, \/etc\/app\/token$/),
  );

  const clean = await diskWith(t, { '/etc/shadow': `root:${hash}:19000:0:99999:7:::\n` });
  await assertSealed(await openGuestFiles(clean), { units, seal: SEAL }, needles, options);
  // In the free space of the root file system.
  await overwrite(clean, 61 * 2 ** 20, key.publicKey);
  await t.rejects(
    assertSealed(await openGuestFiles(clean), { units, seal: SEAL }, needles, options),
    expect(/^public build key: byte \d+, in no file/),
  );
  t.ok((await scrubFreeBlocks(await openGuestFiles(clean))) >= key.publicKey.length);
  t.equal(await scrubFreeBlocks(await openGuestFiles(clean)), 0);
  const scrubbed = await openGuestFiles(clean);
  await assertSealed(scrubbed, { units, seal: SEAL }, needles, options);
  t.equal(await scrubbed.text('/etc/hostname'), 'small\n');
  const root = scrubbed.mounts.find(({ path }) => path === '/');
  await run('e2fsck', ['-fn', `${clean}?offset=${root?.partition.start}`]);
  const copied = await diskWith(t, { '/opt/hash': hash, '/opt/key': `${key.publicKey} root@build` });
  await t.rejects(
    assertSealed(await openGuestFiles(copied), { units, seal: SEAL }, needles, options),
    expect(/public build key: byte \d+, \/opt\/key[\s\S]*password hash: byte \d+, \/opt\/hash/),
  );
});

t.test('names of removed files do not stay in the journal', async (t) => {
  const image = await diskWith(t);
  const files = await openGuestFiles(image);
  const root = files.mounts.find(({ path }) => path === '/');
  const [first] = (await root?.ext4?.finishedJournal()) ?? [];
  const start = (root?.partition.start ?? 0) + (first?.offset ?? 0);
  const block = (await root?.ext4?.header())?.blockSize ?? 0;
  const before = (await readFile(image)).subarray(start, start + block);
  await overwrite(image, start + 3 * block, 'customer-list-of-acme.xlsx');
  t.ok((await scrubFreeBlocks(await openGuestFiles(image))) > 0);
  const after = await readFile(image);
  t.equal(after.indexOf('customer-list-of-acme'), -1);
  t.ok(after.subarray(start, start + block).equals(before), 'what describes the journal stays');
  await run('e2fsck', ['-fn', `${image}?offset=${root?.partition.start}`]);
  // One with something left to be done is the file system's.
  await overwrite(image, start + 28, '\0\0\0\x01');
  t.equal(
    await (await openGuestFiles(image)).mounts.find(({ path }) => path === '/')?.ext4?.finishedJournal(),
    undefined,
  );
});

t.test('the private half of the build key is found in a layer', async (t) => {
  const keys = createBuildKeys();
  const image = await diskWith(t, { '/root/.ssh/id_ed25519': keys.host.privateKey });
  await using folder = await temporaryFolder('ingot-layer-');
  const layer = `${folder.path}/layer.qcow2`;
  await run('qemu-img', ['convert', '-O', 'qcow2', image, layer]);
  await t.rejects(assertPrivateKeysAbsent(layer, keys, options), { code: 'capture.secret-found' });
  await assertPrivateKeysAbsent(layer, createBuildKeys(), options);
});

t.test('freed blocks that were not trimmed are noticed', async (t) => {
  const image = await diskWith(t, {});
  const sealed = await openGuestFiles(image);
  t.same(await inspectSeal(sealed, units, SEAL), []);
  // More than the file systems hold, in space that they call free. The small disk has only 48 MiB, so a second one.
  const big = await openGuestFiles(image);
  const stale = {
    ...big,
    mounts: big.mounts.map((mount) =>
      mount.ext4
        ? {
            ...mount,
            ext4: {
              ...mount.ext4,
              header: async () => ({ clean: true, hasOrphans: false, blockSize: 4096, blocks: 100, freeBlocks: 99 }),
            },
          }
        : mount,
    ),
  };
  for (let at = 16; at < 61; at += 1) await overwrite(image, at * 2 ** 20, 'x'.repeat(2 ** 20));
  await overwrite(image, 62 * 2 ** 20, 'x'.repeat(2 ** 20));
  for (let at = 3; at < 14; at += 1) await overwrite(image, at * 2 ** 20, 'x'.repeat(2 ** 20));
  const { checkSeal } = await import('../../src/capture/check-seal.ts');
  t.match(await checkSeal({ kind: 'trimmed' }, stale), [/freed blocks remain/]);
});

t.test('a disk that cannot be read is an error with a name', async (t) => {
  await using folder = await temporaryFolder('ingot-disk-');
  const blank = `${folder.path}/blank.raw`;
  const { writeFile } = await import('node:fs/promises');
  await writeFile(blank, Buffer.alloc(2 ** 20));
  await t.rejects(openGuestFiles(blank), { code: 'capture.no-partition-table' });
});
