/** Disk layouts: what is rendered for them, that the linter has nothing to say about it, and where they are refused. */
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parsePreseed } from '../../src/distributions/debian/answers/preseed-value.ts';
import { impliedPackages } from '../../src/distributions/debian/archive/implied.ts';
import { renderAnswers } from '../../src/distributions/render-answers.ts';
import { temporaryFolder } from '../../src/host/files.ts';
import { run } from '../../src/host/run.ts';
import { lintFile } from '../../src/lint/lint.ts';
import { sourceFile } from '../../src/lint/source-file.ts';
import { preflight } from '../../src/stages/preflight.ts';
import { failure, load } from '../recipe/helpers.ts';
import { MIRRORS } from './example-mirrors.ts';

const origin = `origin: {iso: install.iso, sha256: ${'a'.repeat(64)}}\n`;
const head = (os = '{family: debian, release: "12"}') => `name: test\nos: ${os}\n${origin}`;
const disk = (text: string, os?: string) =>
  `${head(os)}answers:\n  disk:\n    swap: 512M\n    partitions: [{mount: /srv/data, size: 1G}]\n    ${text}\n`;
const files = { 'install.iso': 'x', phrase: 'correct horse battery\n' };

const LAYOUTS = {
  plain: 'esp: 128M',
  lvm: 'layout: lvm',
  encrypted: 'layout: encrypted\n    volumeGroup: vault\n    passphrase: {file: phrase}',
  raid1: "layout: raid1\n    select: {ids: ['ata-A*', 'nvme-B']}",
};

const render = async (t: Test, yaml: string) => {
  const loaded = await load(t, yaml, { files });
  const answers = await renderAnswers(loaded.recipe, { ...loaded, mirrors: MIRRORS, delivery: true });
  const text = (path: string) => answers.initrd.find((file) => file.path === path)?.content ?? '';
  return { loaded, answers, text };
};

t.test('preseed', async (t) => {
  for (const [layout, yaml] of Object.entries(LAYOUTS)) {
    const { loaded, answers, text } = await render(t, disk(yaml));
    const questions = new Map(parsePreseed(text('preseed.cfg')).map(({ name, value }) => [name, value]));
    const recipe = questions.get('partman-auto/expert_recipe') ?? '';
    const found = await lintFile(sourceFile('preseed.cfg', text('preseed.cfg')), {
      inInitrd: true,
      unattended: true,
      diskSize: loaded.recipe.machine.disk,
    });
    t.same(
      found.filter(({ severity }) => severity !== 'info'),
      [],
      `${layout}: the linter has nothing to say`,
    );
    const implied = impliedPackages(loaded.recipe).map(({ name }) => name);
    const settings = text('ingot/settings');
    if (layout === 'plain') {
      t.equal(questions.get('partman-auto/method'), 'regular');
      t.notMatch(recipe, /lvmok|mountpoint\{ \/boot \}/);
      t.match(settings, /^grow=yes$[\s\S]*^boot_loader=ingot$/m);
      t.ok(implied.includes('grub-cloud-amd64'));
      continue;
    }
    t.notOk(implied.includes('grub-cloud-amd64'));
    t.match(settings, /^grow=no$[\s\S]*^boot_loader=installer$/m);
    t.equal(questions.get('grub-installer/skip'), undefined);
    if (layout === 'raid1') {
      t.equal(questions.get('partman-auto/method'), 'raid');
      t.equal(recipe.match(/method\{ raid \}/g)?.length, 4, '/boot, swap, /srv/data, /');
      t.match(settings, /^disk=by-ids ata-A\* nvme-B$/m);
      t.match(
        settings,
        /^arrays=1 2 0 ext4 \/boot @3 \. 1 2 0 swap - @4 \. 1 2 0 ext4 \/srv\/data @5 \. 1 2 0 ext4 \/ @6 \.$/m,
      );
      t.ok(implied.includes('mdadm'));
      continue;
    }
    t.match(recipe, /ext4 \$primary\{ \} [^.]*mountpoint\{ \/boot \} \./);
    t.same(
      [...recipe.matchAll(/\$lvmok\{ \} lv_name\{ (\S+) \}/g)].map(([, name]) => name),
      ['swap', 'srv_data', 'root'],
    );
    t.ok(implied.includes('lvm2'));
    if (layout === 'lvm') {
      t.equal(questions.get('partman-auto/method'), 'lvm');
      t.equal(questions.get('partman-auto-lvm/new_vg_name'), 'system');
    } else {
      t.equal(questions.get('partman-auto/method'), 'crypto');
      t.equal(questions.get('partman-auto-lvm/new_vg_name'), 'vault');
      t.equal(questions.get('partman-crypto/passphrase'), 'correct horse battery');
      t.equal(questions.get('partman-crypto/passphrase-again'), 'correct horse battery');
      t.notMatch(answers.medium[0]?.content, /correct horse/, 'not in the copy that people can read');
      t.ok(implied.includes('cryptsetup-initramfs'));
    }
  }
});

t.test('kickstart', async (t) => {
  for (const release of ['8', '9', '10'])
    for (const layout of ['plain', 'lvm', 'encrypted', 'raid1'] as const) {
      const os = `{family: redhat, release: "${release}"}`;
      const { text } = await render(t, disk(LAYOUTS[layout], os));
      const ks = text('ks.cfg');
      const found = await lintFile(sourceFile('ks.cfg', ks), { release: `rhel-${release}` });
      t.same(
        found.filter(({ severity }) => severity !== 'info'),
        [],
        `${layout} on ${release}`,
      );
      t.equal(
        /^volgroup (\S+) pv\.01$/m.exec(ks)?.[1],
        { plain: undefined, lvm: 'system', encrypted: 'vault', raid1: undefined }[layout],
      );
      t.equal(/--encrypted --luks-version=luks2 --passphrase=/.test(ks), layout === 'encrypted');
      if (layout === 'lvm' || layout === 'encrypted')
        t.match(ks, /^logvol \/srv\/data --vgname=\S+ --name=srv_data --fstype=ext4 --size=1024$/m);
    }
});

t.test('the kickstart of two disks, with what %pre makes of their names', async (t) => {
  const { text } = await render(t, disk(LAYOUTS.raid1, '{family: redhat, release: "9"}'));
  const ks = text('ks.cfg');
  const [, script = ''] = /^%pre[^\n]*ingot-disk\.log\n([\s\S]*?)^%end$/m.exec(ks) ?? [];
  await using folder = await temporaryFolder();
  const at = (...parts: string[]) => join(folder.path, ...parts);
  await mkdir(at('by-id'));
  for (const [link, name] of Object.entries({ 'ata-A1': 'sda', 'nvme-B': 'nvme0n1' }))
    await symlink(`/dev/${name}`, at('by-id', link));
  const disks = 'sda 100 disk 0\nnvme0n1 100 disk 0\nsdb 100 disk 0';
  const lsblk = `lsblk() { case $* in *PKNAME*) : ;; *) cat << X\n${disks}\nX\n;; esac; }\nfindmnt() { :; }\n`;
  const chosen = async (selector: string) => {
    const commands = script
      .replace(/^selector=.*$/m, `selector='${selector}'`)
      .replaceAll('/dev/disk/by-id', at('by-id'))
      .replaceAll('/tmp/ingot-disk.ks', at('disk.ks'));
    return run('sh', [], { input: lsblk + commands, allow: [0, 1] });
  };
  t.equal((await chosen('by-ids ata-A* nvme-B')).exitCode, 0);
  const made = await readFile(at('disk.ks'), 'utf8');
  t.match(made, /^ignoredisk --only-use=sda,nvme0n1\npart biosboot --fstype=biosboot --size=1 --ondisk=sda\n/);
  t.match(
    made,
    /^part raid\.root1 --size=1536 --ondisk=sda --grow\npart raid\.root2 --size=1536 --ondisk=nvme0n1 --grow$/m,
  );
  const whole = ks.replace('%include /tmp/ingot-disk.ks', made.trimEnd());
  const found = await lintFile(sourceFile('ks.cfg', whole), { release: 'rhel-9' });
  t.same(
    found.filter(({ severity }) => severity !== 'info'),
    [],
    'members, arrays and mount points fit together',
  );
  t.match(ks, /^raid \/srv\/data --device=srv_data --level=1 --fstype=ext4 raid\.srv_data1 raid\.srv_data2$/m);
  t.match(ks, /^raid swap --device=swap --level=1 --fstype=swap raid\.swap1 raid\.swap2$/m);
  t.match((await chosen('by-ids ata-A1 ata-*')).stderr, /both names are of sda/);
  t.match((await chosen('by-ids ata-A1 none')).stderr, /0 disks fit 'by-id none'/);
});

t.test("the installer's own layout", async (t) => {
  const own = (scheme: string, os: string) => `${head(os)}answers: {disk: {layout: automatic${scheme}}}\n`;
  const questions = async (scheme: string) => {
    const { text } = await render(t, own(scheme, '{family: debian, release: "12"}'));
    return new Map(parsePreseed(text('preseed.cfg')).map(({ name, value }) => [name, value]));
  };
  const plain = await questions('');
  t.equal(plain.get('partman-auto/choose_recipe'), 'atomic');
  t.equal(plain.get('partman-auto/method'), 'regular');
  t.notOk(plain.has('partman-auto/expert_recipe'));
  t.equal((await questions(', scheme: lvm')).get('partman-auto/method'), 'lvm');
  t.equal((await questions(', scheme: btrfs')).get('partman/default_filesystem'), 'btrfs');
  for (const [scheme, os] of [
    ['plain', '{family: redhat, release: "8"}'],
    ['lvm', '{family: redhat, release: "10"}'],
    ['btrfs', '{family: fedora, release: "43"}'],
  ] as const) {
    const { text } = await render(t, own(`, scheme: ${scheme}`, os));
    t.match(text('ks.cfg'), new RegExp(`^autopart --type=${scheme}$`, 'm'));
    const release = os.includes('fedora') ? 'fedora-43' : `rhel-${/\d+/.exec(os)}`;
    const found = await lintFile(sourceFile('ks.cfg', text('ks.cfg')), { release });
    t.same(
      found.filter(({ severity }) => severity !== 'info'),
      [],
      `${scheme}, ${release}`,
    );
  }
});

t.test('what does not fit together', async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [disk('layout: encrypted'), /disk\.layout: encrypted needs a passphrase/],
    [disk('passphrase: {file: phrase}'), /disk\.passphrase: only the layout encrypted/],
    [disk('layout: raid1'), /disk\.layout: raid1 needs two disks/],
    [disk("select: {ids: ['a', 'b']}"), /disk\.select: two disks are for the layout raid1/],
    [disk("layout: raid1\n    select: {ids: ['a']}"), /disk\.select/],
    [disk('layout: automatic'), /disk\.swap: the layout automatic has sizes of its own/],
    [disk('scheme: lvm'), /disk\.scheme: only the layout automatic/],
    [
      `${head('{family: redhat, release: "9"}')}answers: {disk: {layout: automatic, scheme: btrfs}}\n`,
      /disk\.scheme: the RHEL family has no Btrfs/,
    ],
    [disk('layout: lvm').replace(origin, 'origin: {assemble: debian}\n'), /assembled medium makes partitions only/],
    [disk('layout: striped'), /disk\.layout/],
  ];
  for (const [yaml, pattern] of cases) t.match((await failure(t, yaml, { files })).text, pattern);
  for (const layout of ['lvm', 'encrypted', 'raid1', 'automatic'] as const) {
    const yaml = layout === 'automatic' ? `${head()}answers: {disk: {layout: automatic}}\n` : disk(LAYOUTS[layout]);
    const loaded = await load(t, yaml, { files });
    await t.rejects(preflight(loaded, { image: true }), {
      code: 'recipe.unsupported',
      message: new RegExp(`layout ${layout}`),
      hint: /ingot media/,
    });
  }
});

const HOOK = join(import.meta.dirname, '..', '..', 'installer', 'hooks', 'lib', 'partman', 'init.d', '20ingot-disk');
const DISK_SH = join(import.meta.dirname, '../../installer/hooks/ingot/disk.sh');

t.test('two disks are found by their names', async (t) => {
  await using folder = await temporaryFolder();
  const at = (...parts: string[]) => join(folder.path, ...parts);
  await mkdir(at('dev'));
  for (const [name, sectors] of Object.entries({ sda: 4_000_000, nvme0n1: 4_000_000, sdb: 8_000_000 })) {
    await mkdir(at('sys', name), { recursive: true });
    await writeFile(at('dev', name), '');
    await writeFile(at('sys', name, 'ro'), '0\n');
    await writeFile(at('sys', name, 'size'), `${sectors}\n`);
  }
  await mkdir(at('by-id'));
  await symlink(at('dev', 'sda'), at('by-id', 'ata-A1'));
  await symlink(at('dev', 'nvme0n1'), at('by-id', 'nvme-B'));
  // udev names partitions there too, and a pattern fits both.
  await mkdir(at('class', 'sda1', 'partition'), { recursive: true });
  await writeFile(at('dev', 'sda1'), '');
  await symlink(at('dev', 'sda1'), at('by-id', 'ata-A1-part1'));
  const script = (await readFile(HOOK, 'utf8'))
    .replace('. /usr/share/debconf/confmodule', 'db_set() { echo "set $*"; }')
    .replace(
      '. /ingot/lib.sh\n. /ingot/disk.sh\n',
      `. ${DISK_SH}\nINGOT_STATE=${folder.path}\n` +
        'setting() { case $1 in disk) echo "$DISK" ;; arrays) echo "$ARRAYS" ;; esac; }\nsay() { echo "say $*"; }\nfail() { echo "fail $*"; exit 1; }\n',
    )
    .replace('. /ingot/quick-partman.sh', `. ${join(DISK_SH, '../quick-partman.sh')}`)
    .replaceAll('/sys/block/', `${at('sys')}/`)
    .replaceAll('/sys/class/block/', `${at('class')}/`)
    .replaceAll('/dev/disk/by-id/', `${at('by-id')}/`)
    .replaceAll('/dev/$name', `${at('dev')}/$name`);
  await writeFile(at('hook'), script);
  await chmod(at('hook'), 0o755);
  const choose = async (DISK: string) => {
    await rm(at('disks'), { force: true });
    return await again(DISK);
  };
  const again = async (DISK: string) =>
    (
      await run('sh', [at('hook')], {
        env: { DISK, ARRAYS: '1 2 0 ext4 / @3 .' },
        allow: [0, 1],
        cwd: folder.path,
      })
    ).stdout.replaceAll(folder.path, '');
  t.equal(
    await choose('by-ids ata-A* nvme-B'),
    'set partman-auto/disk /dev/sda /dev/nvme0n1\nset partman-auto-raid/recipe 1 2 0 ext4 / /dev/sda3#/dev/nvme0n1p3 .\nsay disk /dev/sda 2048000000',
  );
  t.equal(await readFile(at('disks'), 'utf8'), `${at('dev/sda')}\n${at('dev/nvme0n1')}\n`);
  t.equal(await again('by-ids ata-A* nvme-B'), '', 'partman runs it again once it has made arrays');
  t.match(await choose('by-ids ata-A1 ata-A1'), /^fail disk-none two disks are needed/);
  t.match(await choose('by-ids ata-A1 none'), /^fail disk-none/);
  t.match(await choose('by-id ata-*'), /^set partman-auto\/disk \/dev\/sda\n/, 'its partitions are no disks');
  t.match(await choose('by-id nvme-*'), /^set partman-auto\/disk \/dev\/nvme0n1\n/);
  t.match(await choose('largest'), /^set partman-auto\/disk \/dev\/sdb\n/);
  t.match(await choose('only'), /^fail disk-several/);
});

t.test('fstab has one form, whoever wrote it', async (t) => {
  const rows = async (fstab: string, how: string, then = '', disks = ''): Promise<string> => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'fstab.in');
    await writeFile(path, fstab);
    const script = `fail() { echo "fail $*"; exit 1; }\nINGOT_STATE=$1\n. $2\nfile_systems "$3" "$4" ${disks}\n${then}`;
    const args = ['-c', script, 'sh', folder.path, DISK_SH, path, how];
    const { exitCode, stdout } = await run('sh', args, { allow: [0, 1] });
    if (exitCode !== 0) return stdout;
    const [comment, ...lines] = (await readFile(path, 'utf8')).trimEnd().split('\n');
    t.match(comment, /^# \/etc\/fstab/);
    return lines.join('\n');
  };
  // partman-target pads its columns, and names the drives that it was started from.
  const partman = `# /etc/fstab: static file system information.
#
# <file system> <mount point>   <type>  <options>       <dump>  <pass>
# / was on /dev/vda3 during installation
UUID=0a-b /               ext4    errors=remount-ro 0       1
# /boot/efi was on /dev/vda2 during installation
UUID=1A2B-3C4D  /boot/efi       vfat    umask=0077      0       1
UUID=c          none            swap    sw              0       0
UUID=d	/srv/my\\040data	ext4	defaults
/dev/sr0        /media/cdrom0   udf,iso9660 user,noauto     0       0
`;
  t.equal(
    await rows(partman, 'grow'),
    'UUID=0a-b / ext4 errors=remount-ro,x-systemd.growfs 0 1\nUUID=1A2B-3C4D /boot/efi vfat umask=0077 0 1\n' +
      'UUID=c none swap sw 0 0\nUUID=d /srv/my\\040data ext4 defaults 0 0\n' +
      // apt mounts the medium by it, in late_command too.
      '/dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0',
  );
  const finished = await rows(partman, 'grow', 'without_drives "$3"');
  t.equal(finished.split('\n').length, 4, 'the drives go at the very end');
  t.notMatch(finished, /media/);
  t.match(await rows(partman, 'grow', '', 'mirrored'), /^UUID=1A2B-3C4D \/boot\/efi vfat umask=0077,nofail 0 1$/m);
  t.match(await rows(partman, 'keep'), /^UUID=0a-b \/ ext4 errors=remount-ro 0 1$/m);
  const own = 'UUID=r / ext4 errors=remount-ro,x-systemd.growfs 0 1\n';
  t.equal(`${await rows(own, 'grow')}\n`, own, 'what is there is not said twice');
  t.match(await rows('# nothing\nUUID=r /srv ext4 defaults 0 2\n', 'grow'), /^fail system no line/);
});
