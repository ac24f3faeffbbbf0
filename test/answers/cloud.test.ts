/** What the system does beside cloud-init: gateways outside of a card's own networks, seeds on the web, who has the network. */
import { access, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';

const CLOUD = join(import.meta.dirname, '../../installer/hooks/ingot/cloud');
const HOOK = join(CLOUD, '../../usr/lib/finish-install.d/02ingot-system');
const PROGRAM = join(CLOUD, 'usr/local/lib/ingot/far-gateways');

/** A card before and after; the same where nothing follows. */
const CARDS: Readonly<Record<string, readonly [before: object, after?: object]>> = {
  'a single address': [
    { addresses: ['192.0.2.7/32'], gateway4: '198.51.100.1' },
    { addresses: ['192.0.2.7/32'], routes: [{ to: 'default', via: '198.51.100.1', 'on-link': true }] },
  ],
  'a single address of IPv6': [
    { addresses: ['2001:db8::7/128'], gateway6: '2001:db8:ff::1' },
    { addresses: ['2001:db8::7/128'], routes: [{ to: 'default', via: '2001:db8:ff::1', 'on-link': true }] },
  ],
  'a route': [
    { addresses: ['192.0.2.7/32'], routes: [{ to: '0.0.0.0/0', via: '198.51.100.1' }] },
    { addresses: ['192.0.2.7/32'], routes: [{ to: '0.0.0.0/0', via: '198.51.100.1', 'on-link': true }] },
  ],
  'two families, one of them near': [
    { addresses: ['192.0.2.7/24', '2001:db8::7/128'], gateway4: '192.0.2.1', gateway6: '2001:db8:ff::1' },
    {
      addresses: ['192.0.2.7/24', '2001:db8::7/128'],
      gateway4: '192.0.2.1',
      routes: [{ to: 'default', via: '2001:db8:ff::1', 'on-link': true }],
    },
  ],
  'an address with options': [
    { addresses: [{ '192.0.2.7/32': { label: 'a' } }], gateway4: '198.51.100.1' },
    {
      addresses: [{ '192.0.2.7/32': { label: 'a' } }],
      routes: [{ to: 'default', via: '198.51.100.1', 'on-link': true }],
    },
  ],
  'a near gateway': [{ addresses: ['192.0.2.7/24'], gateway4: '192.0.2.1' }],
  'a gateway of the link': [{ addresses: ['2001:db8::7/128'], gateway6: 'fe80::1' }],
  'said otherwise': [
    { addresses: ['192.0.2.7/32'], routes: [{ to: 'default', via: '198.51.100.1', 'on-link': false }] },
  ],
  'addresses by DHCP as well': [
    { addresses: ['192.0.2.7/32'], dhcp4: true, routes: [{ to: 'default', via: '198.51.100.1' }] },
  ],
  DHCP: [{ dhcp4: true }],
  nothing: [{}],
};

t.test('a gateway outside of a card’s networks is reached directly', async (t) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, '50-cloud-init.yaml');
  for (const kind of ['ethernets', 'bonds', 'vlans'])
    for (const [name, [before, after]] of Object.entries(CARDS)) {
      const text = `# Made by a program.\n${JSON.stringify({ network: { version: 2, [kind]: { a: before } } })}\n`;
      await writeFile(path, text, { mode: 0o600 });
      const { stdout } = await run('python3', [PROGRAM, path]);
      t.equal(stdout, after === undefined ? '' : 'changed', name);
      const now = await readFile(path, 'utf8');
      if (after === undefined) t.equal(now, text, name);
      t.same(parse(now), { network: { version: 2, [kind]: { a: after ?? before } } }, name);
      t.match(now, /^# Made by a program\.\n/, 'its first lines stay');
      t.equal((await stat(path)).mode & 0o777, 0o600, 'and who may read it');
    }
});

t.test('a file without a network is left alone', async (t) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, '50-cloud-init.yaml');
  for (const text of ['', '# nothing\n', 'network: {version: 2}\n', 'network: {version: 2, ethernets: }\n']) {
    await writeFile(path, text);
    t.equal((await run('python3', [PROGRAM, path])).stdout, '');
    t.equal(await readFile(path, 'utf8'), text);
  }
});

t.test('the hook puts the image’s own network aside, and enables what goes with cloud-init', async (t) => {
  await using root = await temporaryFolder();
  const etc = join(root.path, 'target/etc/systemd');
  await mkdir(join(etc, 'network'), { recursive: true });
  await writeFile(join(etc, 'network/80-ethernet.network'), 'DHCP=yes\n');
  const [body = ''] = /^network\(\) \{\n[\s\S]*?^\}$/m.exec(await readFile(HOOK, 'utf8')) ?? [];
  const script = `setting() { echo cloud; }\nin_chroot() { echo "$@"; }\n${body.replaceAll(/ \/target/g, ` ${root.path}/target`)}\nnetwork\n`;
  const { stdout } = await run('sh', ['-e', '-c', script]);
  // A second client would ask for a second address.
  await mkdir(join(root.path, 'target/usr/sbin'), { recursive: true });
  await writeFile(join(root.path, 'target/usr/sbin/NetworkManager'), '', { mode: 0o755 });
  await writeFile(join(etc, 'network/80-ethernet.network'), 'DHCP=yes\n');
  const managed = await run('sh', ['-e', '-c', script]);
  t.match(managed.stdout, /systemd-networkd\.service .*far-gateways\.service/);
  t.notMatch(managed.stdout, /network-without-cloud/, 'NetworkManager has DHCP by itself');
  await access(join(etc, 'network-without-cloud/80-ethernet.network'));
  await t.rejects(access(join(etc, 'network/80-ethernet.network')));
  const units = stdout.split(/\s/).filter((word) => /^(?!systemd-).*\.service$/.test(word));
  t.same(units.sort(), ['far-gateways.service', 'network-without-cloud.service']);
  for (const unit of units)
    t.match(await readFile(join(CLOUD, 'etc/systemd/system', unit), 'utf8'), /^WantedBy=/m, unit);
  t.equal((await stat(PROGRAM)).mode & 0o777, 0o755);
});

/** The firmware's serial number, and what cloud-init reads in its place; nothing where it needs no help. */
const SERIALS: Readonly<Record<string, string>> = {
  'ds=nocloud;s=http://192.0.2.1/': 'ds=nocloud-net;s=http://192.0.2.1/',
  'ds=nocloud;h=web;s=https://example.org/a/': 'ds=nocloud-net;h=web;s=https://example.org/a/',
  'ds=nocloud;seedfrom=http://192.0.2.1/ more': 'ds=nocloud-net;seedfrom=http://192.0.2.1/ more',
  'A1 ds=nocloud;s=http://192.0.2.1/;i=i-1': 'A1 ds=nocloud-net;s=http://192.0.2.1/;i=i-1',
  'ds=nocloud-net;s=http://192.0.2.1/': '',
  'ds=nocloud;s=/srv/seed/': '',
  'ds=nocloud': '',
  'xds=nocloud;s=http://192.0.2.1/': '',
  CZ1234ABCD: '',
  '': '',
};

t.test('a seed on the web that the serial number names', async (t) => {
  await using folder = await temporaryFolder();
  const program = join(CLOUD, 'usr/local/lib/ingot/seed-from-web');
  const serial = join(folder.path, 'serial');
  const said = join(folder.path, 'said');
  // mount and umount as words: a test may not mount.
  await mkdir(join(folder.path, 'bin'));
  for (const name of ['mount', 'umount'])
    await writeFile(join(folder.path, 'bin', name), `#!/bin/sh\necho ${name} "$@"\n`, { mode: 0o755 });
  const env = {
    INGOT_SERIAL: serial,
    INGOT_SAID: said,
    PATH: `${join(folder.path, 'bin')}:${process.env['PATH']}`,
  };
  for (const [text, expected] of Object.entries(SERIALS)) {
    await writeFile(serial, `${text}\n`);
    const before = await run('sh', [program], { env });
    t.equal(before.stdout, expected === '' ? '' : `mount --bind ${said} ${serial}`, text);
    const read = await readFile(said, 'utf8').catch(() => '');
    t.equal(read, expected === '' ? '' : `${expected}\n`, text);
    const after = await run('sh', [program, '--back'], { env });
    t.equal(after.stdout, expected === '' ? '' : `umount ${serial}`, text);
    await t.rejects(access(said));
    t.equal((await run('sh', [program, '--back'], { env })).stdout, '', 'once is enough');
  }
});
