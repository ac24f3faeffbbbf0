/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: settings of iPXE */
/** What is made for a network boot of an unattended medium: one initrd with everything in it, and scripts. */
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type CpioEntry, cpioArchive } from '../../src/formats/archives/cpio.ts';
import { readCpio } from '../../src/formats/archives/cpio-reader.ts';
import { bytesOf } from '../../src/formats/byte-source.ts';
import { gzip } from '../../src/formats/compression/compression.ts';
import { run } from '../../src/host/run.ts';
import { readMedium, readMediumFile } from '../../src/media/iso/medium.ts';
import { parseSyslinux } from '../../src/media/menus/syslinux.ts';
import type { MenuStart } from '../../src/media/menus/unattended.ts';
import { makeNetboot } from '../../src/media/netboot/netboot.ts';
import { pxelinuxMenus } from '../../src/media/netboot/pxelinux.ts';
import type { HostTable, NetbootHost } from '../../src/media/netboot/script-hosts.ts';
import { grubScript, ipxeScript } from '../../src/media/netboot/scripts.ts';
import { remaster } from '../../src/media/remaster.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { silentReporter } from '../../src/report.ts';
import { netbootHosts } from '../../src/stages/deliver/netboot-answers.ts';
import { HASH, HEAD, recipeFolder } from '../recipe/helpers.ts';
import { DISTRIBUTIONS } from './distributions.ts';
import { DATE, masterFixture } from './fixture.ts';
import { makeDistribution, makeMedium } from './make-distribution.ts';
import { type BootedMachine, grubLoads, ipxeLoads, pxelinuxLoads } from './netboot-loaders.ts';

t.setTimeout(120_000);
const folder = t.testdir({ own: {} });
const reporter = silentReporter;
const original = await masterFixture(join(folder, 'own'));
const iso = join(folder, 'unattended.iso');

t.before(() =>
  remaster({
    iso: original,
    output: iso,
    initrdEntries: [{ type: 'file', path: 'preseed.cfg', mode: 0o600, content: 'the answers' }],
    mediumFiles: [],
    kernelArguments: { installer: ['auto=true', 'quote=$x'], target: ['quiet'] },
    menu: { start: 'now', title: "web's" },
    date: DATE,
    reporter,
  }),
);

const made = async (name: string, start: MenuStart) => {
  const out = join(folder, name);
  await mkdir(out);
  const { commandLine } = await makeNetboot({ iso, folder: out, start, reporter });
  const read = (file: string) => readFile(join(out, file));
  return { out, commandLine, read, text: async (file: string) => String(await read(file)) };
};

t.test('the initrd has the installer, the answers and the medium', async (t) => {
  const { read, commandLine } = await made('first', 'now');
  t.equal(commandLine, 'auto=true quote=$x --- quiet');
  const medium = await readMedium(iso);
  t.ok((await read('linux')).equals(await readMediumFile(medium, '/install.amd/vmlinuz')));
  const initrd = await read('initrd.gz');
  const entries = new Map(
    await Array.fromAsync(
      readCpio([initrd], () => true),
      (entry) => [entry.path, entry] as const,
    ),
  );
  t.match(entries.get('lib'), { type: 'symlink' }, "the installer's own");
  t.match(entries.get('preseed.cfg'), { mode: 0o600 });
  t.match(entries.get('lib/debian-installer-startup.d/S09ingot-medium'), { mode: 0o755 });
  for (const path of ['/.disk/info', '/pool/größe.deb', '/pool/empty.deb', "/pool/it's a name.deb"]) {
    const entry = entries.get(`cdrom${path}`);
    t.ok(entry?.type === 'file' && (await readMediumFile(medium, path)).equals(Buffer.from(entry.content ?? [])), path);
  }
  const twice = [...entries.keys()].filter((path) => /^cdrom\/(install.amd|isolinux|boot|EFI)\//.test(path));
  t.same(twice, [], 'what only boots the medium is not there');
  t.ok(initrd.equals(await (await made('second', 'now')).read('initrd.gz')), 'the same medium gives the same bytes');
});

t.test('the scripts start as the medium would', async (t) => {
  for (const [start, ipxe, grub] of [
    ['now', /^#!ipxe\n:install\n/, /^set timeout=0$/m],
    ['countdown', /^choose --timeout 30000 --default install target/m, /^set timeout=30$/m],
    ['ask', /^choose --default leave target/m, /^set timeout=-1$/m],
  ] as const) {
    const { out, text } = await made(start, start);
    t.match(await text('boot.ipxe'), ipxe);
    t.match(await text('boot.ipxe'), /^kernel linux initrd=initrd\.gz auto=true quote=\$x --- quiet$/m);
    t.match(await text('grub.cfg'), grub);
    t.match(await text('grub.cfg'), /ERASES THE DISK/);
    t.equal((await run('grub-script-check', [join(out, 'grub.cfg')])).exitCode, 0, 'by GRUB’s own parser');
  }
});

const HOSTS: readonly NetbootHost[] = [
  { name: 'web1', match: { mac: ['52:54:00:00:00:01', '52:54:00:00:00:02'] } },
  { name: 'web2', match: { uuid: ['4c4c4544-0043-3010-8052-b4c04f564231'] } },
  { name: 'blade', match: { mac: ['52:54:00:00:00:03'], serial: ['CHASSIS 1'] } },
];
const BY_SERIAL: NetbootHost = { name: 'db', match: { serial: ["it's 7"] } };

t.test('menus know the hosts that the installer will choose from', async (t) => {
  const script = { title: "web's (ERASES THE DISK)", words: ['a=1', '---', 'b'], kernel: 'linux', initrd: 'initrd.gz' };
  for (const start of ['now', 'countdown', 'ask'] as const)
    for (const unknown of ['stop', 'recipe'] as const)
      for (const hosts of [HOSTS, [...HOSTS, BY_SERIAL]]) {
        const options = { ...script, start, table: { hosts, unknown, isShared: true } };
        const name = `${start}, ${unknown}, ${hosts.length} hosts`;
        const isGuarded = unknown === 'stop' && hosts === HOSTS;
        const ipxe = ipxeScript(options).split('\n');
        t.ok(ipxe.includes('iseq ${netX/mac} 52:54:00:00:00:02 && set host web1 && set told ${told}+web1 ||'), name);
        t.ok(
          ipxe.includes(
            'iseq ${uuid} 44454c4c-4300-1030-8052-b4c04f564231 && set host web2 && set told ${told}+web2 ||',
          ),
          'in either order',
        );
        t.ok(
          ipxe.includes('iseq ${netX/mac} 52:54:00:00:00:03 && set host blade && set told ${told}+ ||'),
          'what iPXE cannot ask, it does not',
        );
        t.equal(
          ipxe.some((line) => /none of the hosts/.test(line)),
          isGuarded,
          'a host that it cannot know is let through',
        );
        t.equal(ipxe.at(1), 'clear host');
        t.equal(
          ipxe.some((line) => line.startsWith('item install ${host}: web')),
          start !== 'now',
        );

        const grub = join(folder, 'hosts.cfg');
        await writeFile(grub, grubScript(options));
        t.equal((await run('grub-script-check', [grub])).exitCode, 0, 'by GRUB’s own parser');
        t.match(grubScript(options), /\[ "\$net_default_mac" = '?52:54:00:00:00:03'? -a "\$serial" = 'CHASSIS 1' \]/);
        t.equal(/none of the hosts/.test(grubScript(options)), unknown === 'stop');
        t.match(grubScript(options), /menuentry "\$host: "/);

        const menus = pxelinuxMenus(options);
        t.strictSame([...menus.keys()].sort(), [
          ...['01-52-54-00-00-00-01', '01-52-54-00-00-00-02', '01-52-54-00-00-00-03'],
          ...['44454c4c-4300-1030-8052-b4c04f564231', '4c4c4544-0043-3010-8052-b4c04f564231', 'default'],
        ]);
        const entries = (file: string) => parseSyslinux(menus.get(file) ?? '').entries.map(({ id }) => id);
        t.same(entries('default'), isGuarded ? ['leave'] : ['install', 'leave'], name);
        t.same(entries('01-52-54-00-00-00-01'), ['install', 'leave']);
        t.match(menus.get('01-52-54-00-00-00-03'), start === 'now' ? /^DEFAULT install/ : /^SAY blade: web's/);
        t.match(
          menus.get('default'),
          isGuarded ? /^DEFAULT leave$/m : start === 'ask' ? /^DEFAULT leave$/m : /^DEFAULT install$/m,
        );
      }
});

const UUID = '4c4c4544-0043-3010-8052-b4c04f564231';
const OTHER = '52:54:00:00:00:99';
/** What is loaded beside the installer: the host's own, the table, or nothing at all. Loaders: iPXE, GRUB, PXELINUX. */
const BOOTED: Readonly<Record<string, readonly [BootedMachine, readonly [Loaded, Loaded, Loaded]]>> = {
  'by a card': [{ mac: '52:54:00:00:00:02' }, ['web1', 'web1', 'web1']],
  'by a UUID': [{ mac: OTHER, uuid: UUID }, ['web2', 'web2', 'web2']],
  'by a UUID, in the other order': [
    { mac: OTHER, uuid: '44454c4c-4300-1030-8052-b4c04f564231' },
    ['web2', 'web2', 'web2'],
  ],
  'by a card and what only GRUB can ask': [
    { mac: '52:54:00:00:00:03', serial: 'CHASSIS 1' },
    ['table', 'blade', 'table'],
  ],
  'by a card, and it is not the chassis': [{ mac: '52:54:00:00:00:03', serial: 'C 2' }, ['table', 'none', 'table']],
  'by a card and a serial number': [{ mac: '52:54:00:00:00:04', serial: 'CZ4' }, ['rack', 'rack', 'table']],
  'by one of two': [{ mac: OTHER, serial: 'CZ4' }, ['none', 'none', 'none']],
  'fits several': [{ mac: '52:54:00:00:00:01', uuid: UUID }, ['table', 'table', 'web2']],
  'fits one, and another as far as iPXE can ask': [{ mac: '52:54:00:00:00:03', uuid: UUID }, ['table', 'web2', 'web2']],
  'none of them': [{ mac: OTHER, serial: 'x', uuid: UUID.replace('4c', '5d') }, ['none', 'none', 'none']],
};
type Loaded = 'none' | 'table' | (string & {});

t.test(
  'each host gets its own answers where the loader can tell it, and no loader takes one for another',
  async (t) => {
    const rack: NetbootHost = { name: 'rack', match: { mac: ['52:54:00:00:00:04'], serial: ['CZ4'] } };
    const script = { title: 'web', words: ['a=1'], kernel: 'linux', initrd: 'initrd.gz', start: 'now' } as const;
    const loads = async (table: HostTable, machine: BootedMachine, hasSmbios = true) => {
      const options = { ...script, table };
      return [
        ipxeLoads(ipxeScript(options), machine),
        await grubLoads(grubScript(options), machine, hasSmbios),
        pxelinuxLoads(pxelinuxMenus(options), machine),
      ];
    };
    const files = (what: Loaded) => {
      if (what === 'none') return [];
      return ['initrd.gz', what === 'table' ? 'answers.initrd' : `hosts/${what}/answers.initrd`];
    };
    const hosts = [...HOSTS, rack];
    for (const [name, [machine, expected]] of Object.entries(BOOTED)) {
      const shared = await loads({ hosts, unknown: 'stop', isShared: true }, machine);
      t.strictSame(shared, expected.map(files), name);
      const alone = await loads({ hosts, unknown: 'stop', isShared: false }, machine);
      t.strictSame(
        alone,
        expected.map((what) => files(what === 'table' ? 'none' : what)),
        `${name}; without the table`,
      );
      const open = await loads({ hosts, unknown: 'recipe', isShared: true }, machine);
      t.strictSame(
        open,
        expected.map((what) => files(what === 'none' ? 'table' : what)),
        `${name}; recipe`,
      );
    }
    const table: HostTable = { hosts: [...HOSTS, BY_SERIAL], unknown: 'stop', isShared: true };
    t.strictSame(
      await loads(table, { mac: OTHER, serial: "it's 7" }),
      [files('table'), files('db'), files('table')],
      'what a loader cannot ask at all is let through to the table',
    );
    const bare = { mac: OTHER, uuid: UUID };
    t.strictSame((await loads(table, bare, false))[1], files('table'), 'a GRUB without smbios');
    t.strictSame((await loads({ ...table, isShared: false }, bare, false))[1], [], 'which stops without the table');
    const two: HostTable = { ...table, hosts: [{ name: 'two', match: { serial: ['CZ5', 'with blanks'] } }] };
    t.strictSame((await loads(two, { mac: OTHER, serial: 'CZ5' }))[0], files('two'));
    t.strictSame(
      (await loads(two, { mac: OTHER, serial: 'with blanks' }))[0],
      files('table'),
      'of which iPXE can ask one',
    );
    for (const text of [ipxeScript, grubScript].map((make) =>
      make({ ...script, table: { ...table, isShared: false } }),
    )) {
      t.match(text, /none of the hosts[\s\S]*network card .*serial number .*UUID /, 'it stops with its ids');
      t.notMatch(text, /[ =]answers\.initrd$/m);
    }
  },
);

const FLEET = `${HEAD}hosts:
  web1: {match: {mac: "52:54:00:00:00:01"}, answers: {hostname: web1}}
  web2: {match: {serial: CZ1}, answers: {hostname: web2, users: [{name: eva, password: {hash: "${HASH}"}}]}}
`;

const fleet = async (t: Test, name: string, yaml: string, isShared: boolean) => {
  const from = await recipeFolder(t, yaml);
  const loaded = await loadRecipe(join(from, 'recipe.yaml'), { env: {} });
  const hosts = await netbootHosts(loaded, isShared);
  const medium = join(folder, `${name}.iso`);
  await remaster({
    iso: original,
    output: medium,
    initrdEntries: [
      { type: 'file', path: 'lib/debian-installer-startup.d/S12ingot', mode: 0o755, content: '# hook' },
      ...hosts.all.initrd.map((file) => ({ type: 'file' as const, ...file })),
    ],
    mediumFiles: hosts.all.medium.map(({ path, content }) => ({ path: `/${path}`, content })),
    kernelArguments: { installer: ['auto=true'], target: [] },
    menu: { start: 'now', title: 'fleet' },
    date: DATE,
    reporter,
  });
  const out = join(folder, name);
  await mkdir(out);
  await makeNetboot({ iso: medium, folder: out, start: 'now', hosts, reporter });
  const items = await readdir(out, { recursive: true, withFileTypes: true });
  const paths = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
  const files = new Map<string, Buffer>();
  for (const path of paths) files.set(path.slice(out.length + 1), await readFile(path));
  const modeOf = async (file: string) => (await lstat(join(out, file))).mode & 0o777;
  return { files, modeOf };
};

/** Contents by path, of all that an initrd has. */
const unpackedFrom = async (initrd: Buffer | undefined): Promise<ReadonlyMap<string, string>> => {
  const entries = await Array.fromAsync(readCpio([initrd ?? Buffer.of()], () => true));
  return new Map(entries.map((entry) => [entry.path, entry.type === 'file' ? String(entry.content) : '']));
};

t.test('debian-installer: answers of each host in a file of its own', async (t) => {
  const { files, modeOf } = await fleet(t, 'fleet', FLEET, true);
  const shared = await unpackedFrom(files.get('initrd.gz'));
  t.ok(shared.has('lib/debian-installer-startup.d/S12ingot') && shared.has('cdrom/.disk/info'), 'hooks and medium');
  t.strictSame(
    [...shared].filter(([path, text]) => /preseed|ingot-?host|web[12]|md5sum/.test(path) || /web[12]/.test(text)),
    [],
    'nothing of any host',
  );
  for (const [own, other] of [
    ['web1', 'web2'],
    ['web2', 'web1'],
  ] as const) {
    const entries = await unpackedFrom(files.get(`hosts/${own}/answers.initrd`));
    t.match(entries.get(`ingot/hosts/${own}/preseed.cfg`), `netcfg/get_hostname string ${own}`);
    t.match(entries.get('ingot/hosts.table'), new RegExp(`^host ${own}\n[^\n]*\n$`));
    t.ok(
      entries.has('lib/debian-installer-startup.d/S11ingot-host') && !entries.has('preseed.cfg'),
      'it looks once more',
    );
    t.notOk(entries.has('lib'), 'which is a link of the installer’s');
    t.strictSame(
      [...entries].filter((entry) => entry.join().includes(other)),
      [],
    );
  }
  t.strictSame(
    [
      await modeOf('hosts/web1/answers.initrd'),
      await modeOf('hosts/web2/answers.initrd'),
      await modeOf('answers.initrd'),
    ],
    [0o644, 0o600, 0o600].map((mode) => mode & ~process.umask()),
    'who has secrets is its owner’s alone',
  );
  const all = await unpackedFrom(files.get('answers.initrd'));
  t.ok(all.has('ingot/hosts/web1/preseed.cfg') && all.has('ingot/hosts/web2/preseed.cfg'));

  const changed = await fleet(
    t,
    'changed',
    FLEET.replace('hostname: web2', 'hostname: web2, domain: example.org'),
    true,
  );
  t.strictSame(
    [...files]
      .filter(([path, bytes]) => changed.files.get(path)?.equals(bytes) !== true)
      .map(([path]) => path)
      .sort(),
    ['answers.initrd', 'hosts/web2/answers.initrd'],
    'a change of one host changes its file, and that of all',
  );
  const cards = await fleet(t, 'cards', FLEET.replace('serial: CZ1', 'mac: "52:54:00:00:00:02"'), true);
  t.notOk(cards.files.has('answers.initrd'), 'which is not there where each boot loader can tell each host');
  t.notMatch(String(cards.files.get('grub.cfg')), /=answers/);
  const alone = await fleet(t, 'alone', FLEET, false);
  t.strictSame(
    [...files.keys()].filter((path) => !alone.files.has(path)),
    ['answers.initrd'],
  );
  const holders = [...alone.files].filter(([, bytes]) => bytes.includes(HASH)).map(([path]) => path);
  t.strictSame(holders, ['hosts/web2/answers.initrd']);
});

t.test('without hosts there is one menu for PXELINUX', async (t) => {
  const { out, text } = await made('pxelinux', 'ask');
  t.match(await text('pxelinux.cfg/default'), /^ {2}APPEND auto=true quote=\$x --- quiet$/m);
  t.strictSame(await readdir(join(out, 'pxelinux.cfg')), ['default']);
});

/** Fedora's structures around an initrd with dracut's folders as links, as new releases have them. */
const anacondaMedium = async (name: string): Promise<string> => {
  const links: CpioEntry[] = [
    { type: 'symlink', path: 'lib', target: 'usr/lib' },
    ...['usr', 'usr/lib', 'usr/lib/dracut', 'var', 'var/lib', 'var/lib/dracut', 'var/lib/dracut/hooks'].map(
      (path): CpioEntry => ({ type: 'directory', path, mode: 0o755 }),
    ),
    { type: 'symlink', path: 'usr/lib/dracut/hooks', target: '../../../var/lib/dracut/hooks' },
    { type: 'directory', path: 'var/lib/dracut/hooks/pre-pivot', mode: 0o755 },
  ];
  const like = DISTRIBUTIONS['rhel-9'];
  const initrds = Object.keys(like.files).filter((path) => path.endsWith('initrd.img'));
  const initrd = await bytesOf(gzip(cpioArchive(links)));
  const files = { ...like.files, ...Object.fromEntries(initrds.map((path) => [path, initrd])) };
  const vendor = await makeMedium(folder, name, { ...like, files });
  const output = join(folder, `${name}.unattended.iso`);
  await remaster({
    iso: vendor,
    output,
    initrdEntries: [
      { type: 'file', path: 'ks.cfg', mode: 0o600, content: 'cdrom\n' },
      { type: 'file', path: 'lib/dracut/hooks/pre-pivot/40-ingot-host.sh', mode: 0o755, content: '# hook\n' },
    ],
    mediumFiles: [{ path: '/ks.cfg', content: 'for people\n' }],
    kernelArguments: { installer: ['inst.ks=file:/ks.cfg', 'rd.live.check'], target: [] },
    menu: { start: 'ask', title: 'web' },
    date: DATE,
    reporter,
  });
  return output;
};

t.test('Anaconda: kernel, initrd with the answers, and a tree to fetch from', async (t) => {
  const anaconda = await anacondaMedium('dracut');
  const answers: CpioEntry[] = [
    { type: 'file', path: 'ks.cfg', mode: 0o600, content: 'url --url=http://192.0.2.1/fleet/tree\n' },
    { type: 'file', path: 'lib/dracut/hooks/pre-pivot/40-ingot-host.sh', mode: 0o755, content: '# hook\n' },
  ];
  const made = async (name: string, hasPackages: boolean) => {
    const out = join(folder, name);
    await mkdir(out);
    const served = { url: 'http://192.0.2.1/fleet', hasPackages, answers };
    const netboot = await makeNetboot({ iso: anaconda, folder: out, start: 'now', served, reporter });
    const tree = (await readdir(join(out, 'tree'), { recursive: true, withFileTypes: true }))
      .filter((item) => item.isFile())
      .map((item) => join(item.parentPath, item.name).slice(join(out, 'tree').length));
    return { ...netboot, out, tree: tree.sort(), read: (file: string) => readFile(join(out, file)) };
  };
  const { commandLine, read, tree, ...names } = await made('anaconda', true);
  t.match(names, { kernel: 'vmlinuz', initrd: 'initrd.img' });
  const place = 'http://192.0.2.1/fleet/tree';
  t.equal(commandLine, `inst.ks=file:/ks.cfg inst.stage2=${place} inst.repo=${place} ip=dhcp`);
  t.match(String(await read('boot.ipxe')), `kernel vmlinuz initrd=initrd.img ${commandLine}\ninitrd initrd.img\nboot`);
  t.match(String(await read('pxelinux.cfg/default')), `  INITRD initrd.img\n  APPEND ${commandLine}`);
  const medium = await readMedium(anaconda);
  t.ok((await read('vmlinuz')).equals(await readMediumFile(medium, '/images/pxeboot/vmlinuz')));
  for (const path of ['/.treeinfo', '/images/install.img', '/BaseOS/Packages/bash.rpm']) {
    t.ok(tree.includes(path), path);
    t.ok((await read(`tree${path}`)).equals(await readMediumFile(medium, path)), path);
  }
  t.ok(tree.includes('/images/pxeboot/vmlinuz'), 'which .treeinfo names');
  t.strictSame(
    tree.filter((path) => /^\/(ingot|isolinux|EFI|boot)\/|ks\.cfg/.test(path)),
    [],
  );

  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  await unpackAsKernel(await read('initrd.img'), unpacked);
  t.match(String(await readFile(join(unpacked, 'ks.cfg'))), /^url /, 'the later answers count');
  t.match(
    await readdir(join(unpacked, 'var/lib/dracut/hooks/pre-pivot')),
    ['40-ingot-host.sh'],
    'through dracut’s links',
  );
  t.ok((await lstat(join(unpacked, 'usr/lib/dracut/hooks'))).isSymbolicLink(), 'which stay');

  const other = await made('mirror', false);
  t.equal(other.commandLine, `inst.ks=file:/ks.cfg inst.stage2=${place} ip=dhcp`);
  t.strictSame(
    other.tree.filter((path) => /Packages|repodata/.test(path)),
    [],
    'packages come from elsewhere',
  );
  t.ok(other.tree.includes('/images/install.img'));
});

/** The archives one after the other, each over what is there; folders that are there already stay as they are. */
const unpackAsKernel = async (initrd: Uint8Array, to: string): Promise<void> => {
  for await (const entry of readCpio([initrd], () => true)) {
    const path = join(to, entry.path);
    const there = await lstat(path).catch(() => undefined);
    if (entry.type === 'directory') {
      // clean_path of init/initramfs.c: what is of another kind goes.
      if (there && !there.isDirectory()) await rm(path);
      await mkdir(path, { recursive: true });
    } else {
      await rm(path, { force: true });
      if (entry.type === 'symlink') await symlink(entry.target, path);
      else if (entry.type === 'file') await writeFile(path, entry.content ?? '').catch(() => undefined);
    }
  }
};

t.test('media of which none can be made', async (t) => {
  const options = { folder, start: 'now', reporter } as const;
  await t.rejects(makeNetboot({ ...options, iso: original }), { code: 'media.no-installer' });
  const ubuntu = await makeDistribution(folder, 'ubuntu-24.04');
  await t.rejects(makeNetboot({ ...options, iso: ubuntu }), { code: 'media.netboot-installer', hint: /Anaconda/ });
  const into = join(folder, 'nowhere');
  await mkdir(into);
  const iso = join(folder, 'dracut.unattended.iso');
  await t.rejects(makeNetboot({ ...options, folder: into, iso }), { code: 'media.netboot-url', hint: /--url/ });
});
