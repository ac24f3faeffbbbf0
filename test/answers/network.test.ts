/** Networks as they are rendered: files that systemd-networkd itself reads, connections, words for the installers. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { connectionFiles } from '../../src/answers/network/network-manager.ts';
import { networkFile, networkFiles } from '../../src/distributions/debian/answers/networkd.ts';
import { parsePreseed } from '../../src/distributions/debian/answers/preseed-value.ts';
import { PRESEED_FOLDER } from '../../src/distributions/debian/answers/render.ts';
import { renderAnswers } from '../../src/distributions/render-answers.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { lintKickstart } from '../../src/lint/kickstart/lint.ts';
import { kickstartRelease } from '../../src/lint/kickstart/release.ts';
import { sourceFile } from '../../src/lint/source-file.ts';
import { HEAD, load } from '../recipe/helpers.ts';
import { MIRRORS } from './example-mirrors.ts';

const NETWORKS: Readonly<Record<string, string>> = {
  single: '{address: 192.0.2.10/24, gateway: 192.0.2.1, nameservers: [192.0.2.2, "2001:db8::2"]}',
  hoster:
    '{address: [203.0.113.7/32, "2001:db8:0:1::7/64"], gateway: [198.51.100.1, "2001:db8::ff"], search: [example.org, example.net], mtu: 1450}',
  local: '{address: "2001:db8::7/128", gateway: "fe80::1"}',
  cards: `[
    {match: {mac: 52:54:00:12:34:56}, address: 192.0.2.10/24, gateway: 192.0.2.1, mtu: 9000},
    {match: {name: "enp*"}, dhcp: true, routes: [{to: 10.0.0.0/8, via: 198.51.100.1, metric: 50}, {to: 203.0.113.9/32}]}]`,
  bond: `[
    {name: bond0, bond: {mode: 802.3ad, members: [{name: eno1}, {name: eno2}]}, mtu: 9000},
    {name: vlan10, vlan: {id: 10, of: bond0}, address: 192.0.2.10/24, gateway: 192.0.2.1, nameservers: [192.0.2.2], mtu: 9000},
    {name: vlan20, vlan: {id: 20, of: bond0}, address: 198.51.100.10/24, routes: [{to: 10.0.0.0/8, via: 198.51.100.1}]}]`,
  macs: '[{name: bond0, bond: {members: [{mac: 52:54:00:12:34:56}, {mac: 52:54:00:12:34:57}]}, address: 192.0.2.10/24}]',
};

const recipe = async (t: Test, network: string, head = HEAD) =>
  await load(t, `${head}answers:\n  network: ${network}\n`, { files: { 'i.iso': '' } });

const networkOf = async (t: Test, name: string) => (await recipe(t, NETWORKS[name] ?? 'dhcp')).recipe.answers.network;

/** What networkd says of files when it reads them; it runs without links, bus and privileges of this system. */
const complaints = async (t: Test, folder: string): Promise<string[]> => {
  const script = `
    mount --bind "${folder}" /etc/systemd/network
    mount -t tmpfs -o mode=755 none /run/systemd
    log=/run/systemd/log
    env SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=debug /lib/systemd/systemd-networkd > $log 2>&1 &
    for _ in $(seq 150); do
      grep -q 'Enumeration completed' $log && break
      sleep 0.1
    done
    kill $!
    cat $log`;
  const { stdout } = await run('unshare', ['--net', '--mount', 'sh', '-c', script]);
  t.match(stdout, /Enumeration completed/, 'networkd has read its files');
  return stdout
    .split('\n')
    .filter((line) => /^\/etc\/systemd\/network\/|Failed to (load|parse)|No valid settings/.test(line));
};

t.setTimeout(120_000);

t.test('systemd-networkd reads every file without a word', async (t) => {
  const can = await run(
    'sh',
    ['-c', 'test -x /lib/systemd/systemd-networkd && unshare --net --mount mount --bind /tmp /etc/systemd/network'],
    { allow: [1, 127] },
  );
  if (can.exitCode !== 0) {
    t.comment('there is no systemd-networkd, or no namespace for it');
    return;
  }
  await using work = await temporaryFolder();
  for (const name of Object.keys(NETWORKS)) {
    const folder = join(work.path, name);
    await mkdir(folder);
    const answer = await networkOf(t, name);
    const whole = networkFile(answer);
    const files = [
      ...networkFiles(answer),
      ...(whole === undefined ? [] : [{ name: '80-ethernet.network', content: whole }]),
    ];
    t.ok(files.length > 0, name);
    for (const file of files) await writeFile(join(folder, file.name), file.content);
    t.same(await complaints(t, folder), [], name);
  }
  const folder = join(work.path, 'wrong');
  await mkdir(folder);
  await writeFile(join(folder, '1.network'), '[Match]\nName=x\n\n[Network]\nAdress=192.0.2.1/24\n');
  t.match(await complaints(t, folder), [/Unknown key/], 'what is wrong is told');
});

t.test('files of systemd-networkd', async (t) => {
  t.equal(
    networkFile(await networkOf(t, 'single')),
    '[Match]\nType=ether\nKind=!*\n\n[Network]\nAddress=192.0.2.10/24\nGateway=192.0.2.1\nDNS=192.0.2.2\nDNS=2001:db8::2\n',
  );
  t.equal(
    networkFile(await networkOf(t, 'hoster')),
    '[Match]\nType=ether\nKind=!*\n\n[Link]\nMTUBytes=1450\n\n' +
      '[Network]\nAddress=203.0.113.7/32\nAddress=2001:db8:0:1::7/64\nDomains=example.org example.net\n\n' +
      '[Route]\nGateway=198.51.100.1\nGatewayOnLink=yes\n\n[Route]\nGateway=2001:db8::ff\nGatewayOnLink=yes\n',
  );
  t.match(networkFile(await networkOf(t, 'local')), /^Gateway=fe80::1$/m, 'needs no word of the link');
  const cards = networkFiles(await networkOf(t, 'cards'));
  t.same(
    cards.map(({ name }) => name),
    ['10-card1.network', '11-card2.network'],
  );
  t.match(
    cards[0]?.content,
    /^\[Match\]\nType=ether\nKind=!\*\nMACAddress=52:54:00:12:34:56\n\n\[Link\]\nMTUBytes=9000\n/,
  );
  t.match(
    cards[1]?.content,
    /^Type=ether\nKind=!\*\nName=enp\*$[\s\S]*^DHCP=yes$[\s\S]*^Destination=10\.0\.0\.0\/8\nGateway=198\.51\.100\.1\nGatewayOnLink=yes\nMetric=50$[\s\S]*^Destination=203\.0\.113\.9\/32\nScope=link$/m,
  );
  const bond = new Map(networkFiles(await networkOf(t, 'bond')).map(({ name, content }) => [name, content]));
  t.same(
    [...bond.keys()],
    [
      '10-bond0.netdev',
      '10-bond0.network',
      '11-vlan10.netdev',
      '11-vlan10.network',
      '12-vlan20.netdev',
      '12-vlan20.network',
      '10-bond0-member1.network',
      '10-bond0-member2.network',
    ],
  );
  t.match(bond.get('10-bond0.netdev'), /^Kind=bond\nMTUBytes=9000\n\n\[Bond\]\nMode=802\.3ad\n/m);
  t.match(bond.get('10-bond0.network'), /^VLAN=vlan10\nVLAN=vlan20\nLinkLocalAddressing=no$/m);
  t.match(bond.get('10-bond0-member2.network'), /^Name=eno2$[\s\S]*^MTUBytes=9000$[\s\S]*^Bond=bond0$/m);
  t.match(bond.get('11-vlan10.netdev'), /^\[VLAN\]\nId=10$/m);
  const macs = networkFiles(await networkOf(t, 'macs'));
  t.match(
    macs.find(({ name }) => name === '10-bond0-member1.network')?.content,
    /^PermanentMACAddress=52:54:00:12:34:56$/m,
  );
});

t.test('a pattern is for cards, not for a VLAN of that name', async (t) => {
  const { answers } = (
    await recipe(
      t,
      '[{name: lan, match: {name: "eno*"}, dhcp: true}, {name: eno1.10, vlan: {id: 10, of: lan}, address: 192.0.2.10/24}]',
    )
  ).recipe;
  const files = new Map(networkFiles(answers.network).map(({ name, content }) => [name, content]));
  t.match(files.get('10-lan.network'), /^\[Match\]\nType=ether\nKind=!\*\nName=eno\*\n/);
  t.match(files.get('11-eno1.10.network'), /^\[Match\]\nName=eno1\.10\n/);
});

t.test('connections have nothing that NetworkManager refuses', async (t) => {
  const connections = async (network: string) =>
    new Map(
      connectionFiles((await recipe(t, network)).recipe.answers.network).map(({ name, content }) => [name, content]),
    );
  const mixed = (await connections('{address: 192.0.2.10/24, gateway: [192.0.2.1, "fe80::1"]}')).get('ethernet') ?? '';
  t.match(mixed, /^address1=192\.0\.2\.10\/24,192\.0\.2\.1$/m);
  t.match(mixed, /^\[ipv6\]\nmethod=auto\nroute1=::\/0,fe80::1\n/m, 'no gateway without an address');
  const dhcp = (await connections('{dhcp: true, gateway: 192.0.2.1, routes: [{to: 10.0.0.0/8, via: 192.0.2.1}]}')).get(
    'ethernet',
  );
  t.match(
    dhcp,
    /^method=auto\nroute1=0\.0\.0\.0\/0,192\.0\.2\.1\nroute1_options=onlink=true\nroute2=10\.0\.0\.0\/8,192\.0\.2\.1\nroute2_options=onlink=true\n/m,
  );
  t.notMatch(dhcp, /^gateway=/m);
  const carrier = await connections(
    '[{name: bond0, bond: {members: [{name: "en*"}]}}, {name: v7, vlan: {id: 7, of: bond0}, address: 192.0.2.10/24}]',
  );
  t.match(carrier.get('bond0-member1'), /^multi-connect=3$/m, 'each card of the pattern is a member');
});

const hookText = (name: string) =>
  readFile(join(PRESEED_FOLDER, '..', 'installer/hooks/usr/lib/finish-install.d', name), 'utf8');

/** A target and the recipe's own files; `runs` runs lines of a hook there. */
const targetOf = async (t: Test, network: string) => {
  const root = await temporaryFolder();
  const loaded = await recipe(t, network);
  const { initrd } = await renderAnswers(loaded.recipe, { ...loaded, mirrors: MIRRORS, delivery: true });
  for (const { path, mode, content } of initrd) {
    await mkdir(join(root.path, path, '..'), { recursive: true });
    await writeFile(join(root.path, path), content, { mode });
  }
  const runs = async (lines: string): Promise<void> => {
    const here = lines.replaceAll(/(["\s])\/(target|ingot|etc)\//g, `$1${root.path}/$2/`);
    await run('sh', [
      '-e',
      '-c',
      `setting() { echo dhcp; }\nin_chroot() { echo "$*" >> '${root.path}/calls'; }\n${here}`,
    ]);
  };
  return { path: (name: string) => join(root.path, name), runs, [Symbol.asyncDispose]: root[Symbol.asyncDispose] };
};

t.test('where NetworkManager is, it has the cards, and networkd stays off', async (t) => {
  const [body = ''] =
    /^network_by_manager\(\) \{\n[\s\S]*?^\}\n\nnetwork\(\) \{\n[\s\S]*?^\}$/m.exec(await hookText('02ingot-system')) ??
    [];
  for (const [name, expected] of [
    ['single', ['ethernet.nmconnection']],
    ['cards', ['card1.nmconnection', 'card2.nmconnection']],
    ['dhcp', []],
  ] as const) {
    await using target = await targetOf(t, NETWORKS[name] ?? name);
    const [networkd, connections] = ['etc/systemd/network', 'etc/NetworkManager/system-connections'].map((one) =>
      target.path(`target/${one}`),
    );
    for (const folder of [networkd ?? '', connections ?? '', target.path('target/usr/sbin')])
      await mkdir(folder, { recursive: true });
    await writeFile(join(networkd ?? '', '80-ethernet.network'), 'DHCP=yes\n');
    await writeFile(target.path('target/usr/sbin/NetworkManager'), '', { mode: 0o755 });
    await target.runs(`${body}\nnetwork`);
    t.same(await readdir(networkd ?? ''), [], name);
    t.same((await readdir(connections ?? '')).sort(), expected, name);
    for (const one of expected)
      t.equal((await stat(join(connections ?? '', one))).mode & 0o777, 0o600, 'others are ignored');
    t.notMatch(await readFile(target.path('calls'), 'utf8'), /networkd/);
  }
});

t.test("what netcfg gives to NetworkManager and netplan is this machine's, and goes", async (t) => {
  await using target = await targetOf(t, NETWORKS['cards'] ?? '');
  const kept = ['NetworkManager/system-connections/card1.nmconnection', 'netplan/50-cloud-init.yaml'];
  const given = ['NetworkManager/system-connections/Wired connection 1', 'netplan/00-installer-config.yaml'];
  for (const path of [...kept, ...given, 'netplan/01-network-manager-all.yaml'].map((one) =>
    target.path(`target/etc/${one}`),
  )) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  }
  for (const path of given.map((one) => target.path(`etc/${one}`))) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  }
  const [lines = ''] = /^if \[ "\$\(setting network[\s\S]*?^fi$/m.exec(await hookText('93ingot-clean')) ?? [];
  t.match(lines, /netplan/);
  await target.runs(`set +e\n${lines}`);
  const left = await readdir(target.path('target/etc'), { recursive: true, withFileTypes: true });
  t.same(
    left
      .filter((one) => one.isFile())
      .map(({ name }) => name)
      .sort(),
    kept.map((one) => basename(one)).sort(),
  );
});

t.test('the hook puts one file, or several, in the place of DHCP on every card', async (t) => {
  const [body = ''] = /^network\(\) \{\n[\s\S]*?^\}$/m.exec(await hookText('02ingot-system')) ?? [];
  for (const [name, expected] of [
    ['single', ['80-ethernet.network']],
    ['cards', ['10-card1.network', '11-card2.network']],
    ['dhcp', ['80-ethernet.network']],
  ] as const) {
    await using target = await targetOf(t, NETWORKS[name] ?? name);
    const system = target.path('target/etc/systemd/network');
    await mkdir(system, { recursive: true });
    await writeFile(join(system, '80-ethernet.network'), 'DHCP=yes\n');
    await target.runs(`${body}\nnetwork`);
    t.same((await readdir(system)).sort(), expected, name);
    t.equal(/^DHCP=yes$/m.test(await readFile(join(system, expected[0]), 'utf8')), name === 'dhcp');
  }
});

t.test('the hooks get them, and netcfg what it can do', async (t) => {
  const iso = `name: a\nos: {family: debian, release: "12"}\norigin: {iso: i.iso, sha256: ${'a'.repeat(64)}, mirror: "http://m.example.org/debian"}\n`;
  const rendered = async (network: string) => {
    const loaded = await recipe(t, network, iso);
    const { initrd } = await renderAnswers(loaded.recipe, { ...loaded, mirrors: MIRRORS, delivery: true });
    const questions = parsePreseed(initrd.find(({ path }) => path === 'preseed.cfg')?.content ?? '');
    const of = (name: string) => questions.find((question) => question.name === name)?.value;
    return { paths: initrd.map(({ path }) => path).filter((path) => /^ingot\/network/.test(path)), of };
  };
  const single = await rendered(NETWORKS['single'] ?? '');
  t.same(single.paths, ['ingot/network']);
  t.same([single.of('netcfg/choose_interface'), single.of('netcfg/get_ipaddress')], ['auto', '192.0.2.10']);
  const hoster = await rendered(NETWORKS['hoster'] ?? '');
  t.equal(hoster.of('netcfg/get_ipaddress'), undefined, 'a gateway outside is refused by netcfg: it asks DHCP');
  const cards = await rendered(
    '[{match: {name: eno1}, dhcp: true}, {match: {name: eno2}, address: 192.0.2.10/24, gateway: 192.0.2.1}]',
  );
  t.same(cards.paths, ['ingot/networks/10-card1.network', 'ingot/networks/11-card2.network']);
  t.same([cards.of('netcfg/choose_interface'), cards.of('netcfg/get_gateway')], ['eno2', '192.0.2.1']);
  const bond = await rendered(NETWORKS['bond'] ?? '');
  t.equal(bond.of('netcfg/get_ipaddress'), undefined, 'and knows no VLAN');
});

t.test("kickstart: the installer's command, and connections of the finished system", async (t) => {
  const head = (mirror: string): string =>
    `name: a\nos: {family: redhat, release: "9"}\norigin: {iso: i.iso, sha256: ${'a'.repeat(64)}${mirror}}\n`;
  const kickstart = async (name: string, mirror = ', mirror: "http://m.example.org/9"') => {
    const loaded = await recipe(t, NETWORKS[name] ?? name, head(mirror));
    const { initrd } = await renderAnswers(loaded.recipe, { ...loaded, delivery: true });
    const text = initrd.find(({ path }) => path === 'ks.cfg')?.content ?? '';
    t.same(
      lintKickstart(sourceFile('ks.cfg', text), { release: kickstartRelease('9') }).filter(
        ({ severity }) => severity === 'error',
      ),
      [],
    );
    return text;
  };
  t.match(
    await kickstart('single'),
    /^network --device=link --bootproto=static --ip=192\.0\.2\.10 --netmask=255\.255\.255\.0 --gateway=192\.0\.2\.1 --nameserver=192\.0\.2\.2,2001:db8::2 --activate$/m,
  );
  t.match(
    await kickstart('cards'),
    /^network --device=52:54:00:12:34:56 --mtu=9000 --bootproto=static --ip=192\.0\.2\.10 .*--activate$/m,
  );
  t.match(
    await kickstart('bond'),
    /^network --device=bond0 --bondslaves=eno1,eno2 --bondopts=mode=802\.3ad,miimon=100 --vlanid=10 --interfacename=vlan10 --mtu=9000 --bootproto=static --ip=192\.0\.2\.10 .*--activate$/m,
  );
  t.match(await kickstart('dhcp'), /^network --device=link --bootproto=dhcp --activate$/m);
  t.match(await kickstart('hoster'), /--netmask=255\.255\.255\.255 --gateway=198\.51\.100\.1/);
  t.notMatch(await kickstart('single', ''), /--activate/);
  const text = await kickstart('bond', '');
  for (const name of ['bond0', 'vlan10', 'vlan20', 'bond0-member1', 'bond0-member2'])
    t.ok(text.includes(`/etc/NetworkManager/system-connections/${name}.nmconnection`), name);

  const files = new Map(connectionFiles(await networkOf(t, 'bond')).map(({ name, content }) => [name, content]));
  const uuid = (name: string) => /^uuid=(.*)$/m.exec(files.get(name) ?? '')?.[1];
  t.equal(new Set([...files.keys()].map(uuid)).size, files.size, 'each has its own');
  t.match(uuid('bond0'), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  t.match(files.get('vlan10'), new RegExp(`^id=10\nparent=${uuid('bond0')}$`, 'm'));
  t.match(
    files.get('bond0-member1'),
    new RegExp(`^master=${uuid('bond0')}\nslave-type=bond\ninterface-name=eno1$`, 'm'),
  );
  t.match(files.get('bond0'), /^\[bond\]\nmode=802\.3ad\nmiimon=100$[\s\S]*^method=disabled$/m);
  const cards = connectionFiles(await networkOf(t, 'cards'));
  t.match(
    cards[0]?.content,
    /^mac-address=52:54:00:12:34:56\nmtu=9000$[\s\S]*^address1=192\.0\.2\.10\/24,192\.0\.2\.1$/m,
  );
  t.match(
    cards[1]?.content,
    /^multi-connect=3$[\s\S]*^interface-name=enp\*;$[\s\S]*^route1=10\.0\.0\.0\/8,198\.51\.100\.1,50$[\s\S]*^route1_options=onlink=true\nroute2=203\.0\.113\.9\/32,0\.0\.0\.0$/m,
  );
  const [hoster] = connectionFiles(await networkOf(t, 'hoster'));
  t.match(hoster?.content, /^address1=203\.0\.113\.7\/32,198\.51\.100\.1\ndns-search=example\.org;example\.net;$/m);
});
