import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { z } from 'zod';
import { IngotError } from '../../src/errors.ts';
import { run } from '../../src/host/run.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { askKsvalidator } from '../../src/lint/kickstart/ksvalidator.ts';
import { lintKickstart } from '../../src/lint/kickstart/lint.ts';
import { kickstartNames } from '../../src/lint/kickstart/names.ts';
import { type KickstartRelease, kickstartRelease, releaseTitle } from '../../src/lint/kickstart/release.ts';
import { KICKSTART_RULES } from '../../src/lint/kickstart/rules.ts';
import { kickstartTable } from '../../src/lint/kickstart/table.ts';
import { type PackageTree, readTrees } from '../../src/lint/kickstart/tree/tree.ts';
import { splitWords } from '../../src/lint/kickstart/words.ts';
import { lintFile } from '../../src/lint/lint.ts';
import { sourceFile } from '../../src/lint/source-file.ts';
import { processorTime } from '../processor-time.ts';
import { CLEAN, HASH } from './kickstart-files.ts';

const RELEASES: readonly KickstartRelease[] = ['rhel-8', 'rhel-9', 'rhel-10', 'fedora'];

/** `files` are what the includes find. */
const lint = (
  text: string,
  release: KickstartRelease = 'rhel-9',
  files: Readonly<Record<string, string>> = {},
  tree?: PackageTree,
): readonly Finding[] =>
  lintKickstart(sourceFile('ks.cfg', text), {
    release,
    tree,
    readInclude: (path) => {
      const content = path === 'ks.cfg' ? text : Object.hasOwn(files, path) ? files[path] : undefined;
      return content === undefined ? undefined : sourceFile(path, content);
    },
  });

const NO_TREE: PackageTree = {
  names: new Set(),
  provides: new Set(),
  groups: new Set(),
  environments: new Set(),
  modules: new Map(),
  repositories: new Set(),
};

const alarms = (findings: readonly Finding[]): readonly string[] =>
  findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ line, rule, message }) => `${line} ${rule}: ${message}`);

const names = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ rule }) => rule.replace('kickstart/', ''));

t.test('each rule finds its bad example and leaves the good one alone', (t) => {
  for (const rule of KICKSTART_RULES) {
    // Asked of another program; too long to be written down.
    if (rule.name === 'kickstart/ksvalidator' || rule.name === 'kickstart/too-long') continue;
    const release = rule.name === 'kickstart/removed-section' ? 'rhel-10' : 'rhel-9';
    const tree =
      rule.name === 'kickstart/package-missing' ? { ...NO_TREE, names: new Set(['vim-enhanced']) } : undefined;
    const found = lint(rule.bad, release, {}, tree).filter((finding) => finding.rule === rule.name);
    t.ok(found.length > 0, `${rule.name}: bad`);
    t.ok(
      found.every(({ severity }) => severity === rule.severity),
      `${rule.name}: severity`,
    );
    t.same(
      lint(rule.good, release, {}, tree).filter((finding) => finding.rule === rule.name),
      [],
      `${rule.name}: good`,
    );
    t.same(alarms(lint(rule.good, release)), [], `${rule.name}: nothing else is said of the good one`);
  }
  t.equal(new Set(KICKSTART_RULES.map(({ name }) => name)).size, KICKSTART_RULES.length);
  t.end();
});

t.test('files that install raise no alarm', (t) => {
  for (const [title, releases, text] of CLEAN)
    for (const release of releases) t.same(alarms(lint(text, release)), [], `${title}, ${release}`);
  t.end();
});

/** Line, rule (without kickstart/) and file; RHEL 9. */
const MISTAKES: readonly (readonly [number, string, string])[] = [
  [1, 'unknown-command', 'langs en_US.UTF-8\n'],
  [2, 'unknown-command', 'text\necho hello\n'],
  [1, 'removed-command', 'install\n'],
  [1, 'removed-command', 'upgrade\n'],
  [1, 'removed-command', 'device eth0\n'],
  [1, 'removed-command', 'interactive\n'],
  [1, 'removed-option', 'ignoredisk --interactive\n'],
  [1, 'removed-option', 'part / --size=1024 --active\n'],
  [1, 'removed-option', 'harddrive --biospart=80p1 --dir=/\n'],
  [1, 'unknown-option', 'network --bootprot0=dhcp\n'],
  [1, 'unknown-option', 'part / --size=1024 --bytes-per-inode=4096\n'],
  [1, 'unknown-option', 'firewall --enabled --telnet\n'],
  [1, 'unknown-option', 'firewall -enabled\n'],
  [1, 'unknown-option', '%packages --nobase\n@core\n%end\n'],
  [1, 'unknown-option', '%pre --nochroot\ntrue\n%end\n'],
  [1, 'unknown-option', 'cmdline --non-interactive\n'],
  [1, 'bad-value', 'network --bootproto=dhpc\n'],
  [1, 'bad-value', 'network --onboot=maybe\n'],
  [1, 'bad-value', 'bootloader --location=boot-sector\n'],
  [1, 'bad-value', 'autopart --type=zfs\n'],
  [1, 'bad-value', 'logvol / --vgname=a --name=b --size=10GiB\n'],
  [1, 'bad-value', 'raid / --device=a --level=7 raid.01 raid.02\n'],
  [1, 'bad-value', 'user --name=eva --uid=one\n'],
  [1, 'missing-value', 'user --name\n'],
  [1, 'missing-value', 'url --url\n'],
  [1, 'needless-value', 'part / --size=1 --grow=1\n'],
  [1, 'arguments', 'zerombr yes\n'],
  [1, 'arguments', 'cdrom please\n'],
  [1, 'arguments', 'lang\n'],
  [1, 'arguments', 'part --size=1024\n'],
  [1, 'arguments', 'timezone Europe/Berlin Europe/Paris\n'],
  [1, 'arguments', 'sshkey --username=root ssh-ed25519 AAAA\n'],
  [1, 'arguments', 'user --name=eva --groups=a, b\n'],
  [1, 'arguments', 'volgroup vg\n'],
  [1, 'required-option', 'rootpw\n'],
  [1, 'required-option', 'rootpw --iscrypted\n'],
  [1, 'required-option', 'nfs --server=192.0.2.1\n'],
  [1, 'required-option', 'services\n'],
  [1, 'required-option', 'keyboard\n'],
  [1, 'required-option', 'logvol / --size=1024 --name=root\n'],
  [1, 'required-option', 'logvol / --name=root --vgname=vg\n'],
  [1, 'required-option', 'raid / --device=md0 raid.01 raid.02\n'],
  [1, 'exclusive-options', 'repo --name=a --baseurl=http://a --mirrorlist=http://b\n'],
  [1, 'exclusive-options', 'timezone Etc/UTC --nontp --ntpservers=a\n'],
  [1, 'exclusive-options', 'logvol / --thin --thinpool --poolname=a --name=b --vgname=c --size=1\n'],
  [1, 'exclusive-options', 'network --device=br0 --bridgeopts=stp=no\n'],
  [1, 'exclusive-options', 'part / --onpart=sda1 --resize\n'],
  [1, 'exclusive-options', 'logging --port=514\n'],
  [2, 'conflicting-commands', 'autopart\nvolgroup vg pv.01\n'],
  [2, 'conflicting-commands', 'part / --size=1024\nautopart\n'],
  [2, 'conflicting-commands', 'reqpart\nautopart\n'],
  [1, 'unterminated-section', '%packages\n@core\n'],
  [1, 'unterminated-section', '%post\ntrue\n%ned\n'],
  [1, 'unterminated-section', '%packages\n@core\n%post\ntrue\n%end\n'],
  [2, 'stray-end', 'text\n%end\n'],
  [1, 'unknown-section', '%script\ntrue\n%end\n'],
  [1, 'quoting', "keyboard 'us\n"],
  [1, 'line-continuation', 'network --bootproto=dhcp \\\n  --device=eth0\n'],
  [1, 'size', 'part / --size=-5\n'],
  [1, 'size', 'logvol / --percent=120 --name=a --vgname=b\n'],
  [1, 'size', 'part / --size=2048 --maxsize=1024 --grow\n'],
  [1, 'mount-point', 'part boot --size=1024\n'],
  [1, 'file-system', 'part / --size=1024 --fstype=etx4\n'],
  [1, 'file-system', 'part btrfs.01 --size=1024\n'],
  [1, 'file-system', 'autopart --type=btrfs\n'],
  [1, 'drive-name', 'part / --size=1024 --ondisk=sda2\n'],
  [1, 'drive-name', 'bootloader --boot-drive=sda,sdb\n'],
  [2, 'undefined-reference', 'part pv.01 --size=1024\nvolgroup vg pv.1\n'],
  [1, 'undefined-reference', 'logvol / --vgname=nowhere --name=root --size=1024\n'],
  [2, 'undefined-reference', 'part raid.01 --size=1\nraid / --device=a --level=0 raid.01 raid.02\n'],
  [2, 'duplicate-name', 'part pv.01 --size=1\npart pv.01 --size=1\nvolgroup vg pv.01\n'],
  [2, 'duplicate-name', 'part /home --size=1\npart /home/ --size=1\n'],
  [2, 'duplicate-name', 'user --name=eva\nuser --name=eva\n'],
  [4, 'raid-members', 'part raid.1 --size=1\npart raid.2 --size=1\n\nraid / --device=a --level=5 raid.1 raid.2\n'],
  [1, 'address', 'network --bootproto=static --ip=10.0.0.1/24 --netmask=255.255.255.0\n'],
  [1, 'address', 'network --bootproto=static --ip=10.0.0.1 --netmask=255.255.0.255\n'],
  [1, 'address', 'network --device=eth0 --vlanid=5000\n'],
  [1, 'address', 'network --nameserver=ns.example.org\n'],
  [1, 'url', 'url --url=htp://example.org/os\n'],
  [1, 'password-hash', 'rootpw --iscrypted hunter2\n'],
  [1, 'password-hash', `rootpw ${HASH}\n`],
  [2, 'package-line', '%packages\n-\n%end\n'],
  [2, 'package-line', '%packages\nvim, git\n%end\n'],
  [2, 'package-line', '%packages\n@core --all\n%end\n'],
  [1, 'too-new', 'rdp\n'],
  [1, 'include-path', '%ksappend\n'],
  [1, 'exclusive-options', 'part /home --noformat\n'],
  [1, 'exclusive-options', 'part /tmp --fstype=tmpfs --size=1024 --grow\n'],
  [1, 'size', 'logvol /srv --recommended --name=a --vgname=b\n'],
  [2, 'size', 'part pv.1 --size=1\nvolgroup vg --pesize=5000 pv.1\n'],
  [2, 'undefined-reference', 'part raid.1 --size=1\nvolgroup vg raid.1\n'],
  [
    1,
    'undefined-reference',
    'logvol / --thin --poolname=p --name=a --vgname=b --size=1\nlogvol none --thinpool --name=p --vgname=b --size=1\n',
  ],
  [1, 'bad-value', 'network --device=br0 --bridgeslaves=eth0 --bridgeopts=priority\n'],
  [1, 'bad-value', 'clearpart --all --disklabel=gtp\n'],
  [1, 'bad-value', 'autopart --encrypted --passphrase=a --luks-version=luks3\n'],
  [1, 'bad-value', 'part / --size=1 --encrypted --passphrase=a --pbkdf=argon2\n'],
  [2, 'bad-value', 'part pv.1 --size=1\nvolgroup sys/tem pv.1\n'],
  [1, 'bad-value', 'logvol / --name="the root" --vgname=vg --size=1\n'],
  [1, 'bad-value', 'snapshot root --name=a --when=post-install\n'],
  [1, 'file-system', 'autopart --fstype=ext5\n'],
  [1, 'file-system', 'part / --size=1 --fstype=vfat\n'],
  [1, 'file-system', 'logvol /home --size=1 --fstype=ntfs --name=a --vgname=b\n'],
  [1, 'mount-point', 'part /etc --size=1\n'],
  [1, 'mount-point', 'logvol /root/ --size=1 --name=a --vgname=b\n'],
  [2, 'drive-name', 'ignoredisk --only-use=sda\npart / --size=1 --ondisk=sdb\n'],
  [1, 'drive-name', 'bootloader --boot-drive=/dev/vdb\nignoredisk --drives=vda,vdb\n'],
  [1, 'drive-name', 'part / --size=1 --ondisk=sda,sdb\n'],
  [2, 'package-line', '%packages\n@core @base\n%end\n'],
  [2, 'package-line', '%packages\n@core,\n%end\n'],
  [1, 'unknown-option', '%addon com_redhat_kdump --enabel\n%end\n'],
  [1, 'arguments', 'realm join\n'],
  [1, 'odd-character', '\uFEFF# written on Windows\ntext\n'],
  [3, 'crlf', '%post\n# a comment does no harm\r\nreboot\r\n%end\r\n'],
  [2, 'conflicting-commands', 'mount /dev/vda2 /\nreqpart\n'],
  [2, 'conflicting-commands', 'reqpart\nmount /dev/vda2 /\n'],
  [1, 'certificate', '%certificate --filename=a.pem --dir=/etc/x\n%end\n'],
  [2, 'certificate', '%certificate --filename=a.pem\nMIIB\n%end\n'],
  [
    1,
    'address',
    'network --bootproto=static --device=a --ip=192.0.2.25 --netmask=255.255.255.0 --gateway=198.51.100.1\n',
  ],
  [1, 'address', 'network --bootproto=static --device=a --ip=10.1.0.9 --netmask=255.255.254.0 --gateway=10.1.2.1\n'],
  [1, 'address', 'network --bootproto=static --device=a --ip=10.1.0.9 --netmask=255.255.255.0 --gateway=10.1.0.9\n'],
  [1, 'address', 'network --device=a --ipv6=2001:db8::5/64 --ipv6gateway=2001:db9::1\n'],
  [1, 'bad-value', 'realm leave example.org\n'],
  [1, 'bad-value', 'nvdimm format --namespace=a\n'],
  [1, 'exclusive-options', 'rescue --nomount --romount\n'],
  [1, 'ignored-option', 'network --device=wlan0 --bootproto=dhcp --essid=home --wpakey=abcdefgh\n'],
  [2, 'conflicting-commands', 'cdrom\nurl --url=https://a.example.net/os\n'],
  [2, 'conflicting-commands', 'nfs --server=a --dir=/b\nharddrive --partition=sda1 --dir=/\n'],
  [2, 'conflicting-commands', 'liveimg --url=file:///a\ncdrom\n'],
  [1, 'language', 'lang en-US.UTF-8\n'],
  [1, 'language', 'lang english\n'],
  [1, 'language', 'lang en_UK.UTF-8\n'],
  [1, 'language', 'lang xx_US.UTF-8\n'],
  [1, 'language', 'lang en_DE.UTF-8\n'],
  [1, 'language', 'lang de_DE.UTF-8 --addsupport=fr-FR\n'],
  [1, 'timezone', 'timezone Europe/Berln\n'],
  [1, 'keyboard', 'keyboard uss\n'],
  [1, 'keyboard', 'keyboard en_US\n'],
  [1, 'keyboard', 'keyboard --vckeymap=de-latin1-nodeadkey\n'],
  [1, 'keyboard', "keyboard --xlayouts='us-intl'\n"],
  [1, 'keyboard', "keyboard --xlayouts='us','cz (qwertyy)'\n"],
  [1, 'keyboard', 'keyboard quatsch\n'],
  [1, 'password-hash', 'rootpw --iscrypted $6$saltonly\n'],
  [1, 'password-hash', 'rootpw --iscrypted $6$salt$tooshort\n'],
  [1, 'password-hash', 'user --name=a --iscrypted --password=$y$j9T$salt\n'],
  [1, 'password-hash', 'user --name=a --iscrypted --password=$2b$05$short\n'],
  [1, 'password-hash', 'sshpw --username=root --iscrypted $5$rounds=5000$salt\n'],
  [1, 'password-hash', 'rootpw --iscrypted $x$salt$hash\n'],
  [1, 'password-hash', 'bootloader --iscrypted --password=secret\n'],
  [1, 'password-hash', 'bootloader --password=grub.pbkdf2.sha512.10000.AA.BB\n'],
  [
    5,
    'size',
    'part pv.1 --size=9\nvolgroup a pv.1\n\nlogvol / --vgname=a --name=r --percent=70\nlogvol /x --vgname=a --name=x --percent=70\n',
  ],
  [
    4,
    'undefined-reference',
    'part pv.1 --size=9\npart pv.2 --size=9\nvolgroup a pv.1\nlogvol / --vgname=a --name=r --size=5 --cachesize=1 --cachepvs=pv.2\nvolgroup b pv.2\n',
  ],
  [1, 'size', 'logvol / --vgname=a --name=r --size=0\n'],
  [1, 'odd-character', 'bootloader --append=“console=ttyS0”\n'],
  [1, 'odd-character', 'part / –size=100\n'],
  [1, 'odd-character', 'part / -–size=100\n'],
  [1, 'odd-character', 'lang\u00a0en_US.UTF-8\n'],
  [1, 'odd-character', '%post –-nochroot\n%end\n'],
  [2, 'package-line', '%packages\nvim\u2011enhanced\n%end\n'],
  [1, 'addon', '%addon com_redhat_kdmp --enable\n%end\n'],
  [1, 'addon', '%addon org_fedora_kdump --enable\n%end\n'],
  [2, 'addon', '%addon org_fedora_oscap\ncontent_type = scap-security-guide\nprofile = a\n%end\n'],
  [2, 'addon', '%addon com_redhat_oscap\ncontent-type = ssg\nprofile = a\n%end\n'],
  [3, 'addon', '%addon com_redhat_oscap\ncontent-type = scap-security-guide\nprofile\n%end\n'],
  [2, 'addon', '%addon com_redhat_oscap\ncontent-type = datastream\nprofile = a\n%end\n'],
  [
    7,
    'include-unwritten',
    `text\nlang en_US\nrootpw --lock\nautopart\nclearpart --all\nreboot\n%include /tmp/a.ks\n%pre\necho hello\n%end\n`,
  ],
  [
    7,
    'include-unwritten',
    `text\nlang en_US\nrootpw --lock\nautopart\nclearpart --all\nreboot\n%include /tmp/a.ks\n%post\necho a > /tmp/a.ks\n%end\n`,
  ],
  [1, 'include-unwritten', '%include /tmp/disk.ks\n%pre\necho autopart > /tmp/disks.ks\n%end\n'],
];

/** Each looks like one of the mistakes above, and the installer takes it. */
const HARMLESS: readonly string[] = [
  'ignoredisk --only-use=sda|vda\npart / --size=1 --ondisk=vda\n',
  'ignoredisk --only-use=/dev/disk/by-path/pci-0000:00:1f.2-ata-1\npart / --size=1 --ondisk=sda\n',
  'part /tmp --fstype=tmpfs --size=100\n',
  'part /boot/efi --fstype=vfat --size=200\n',
  'part /srv/etc --fstype=ntfs --size=200\n',
  'text\r\n%packages\r\n@core\r\n%end\r\n%post\r\n\r\n%end\r\n',
  '%packages\n@Development Tools\n@nodejs:20/common\n%end\n',
  '%include /tmp/disk.ks\n%pre\nfor part in disk net; do : > /tmp/$part.ks; done\n%end\n',
  '%include /tmp/disk.ks\n%pre\ncurl -o /tmp/x http://192.0.2.1/x; sh /tmp/x\n%end\n',
  '%include /tmp/disk.ks\n%pre\nto=/tmp/disk; echo autopart > "$to.ks"\n%end\n',
  '%include /tmp/disk.ks\n',
  '%addon com_redhat_kdump --enable --reserve-mb=auto\n%end\n',
  '%addon org_example_other --anything\n%end\n',
  '%pre --interpreter=python3\n%end\n',
  'rootpw --iscrypted nope\n',
  'network --bootproto=static --device=a --ip=192.0.2.25 --netmask=255.255.255.255 --gateway=198.51.100.1\n',
  'network --bootproto=static --device=a --ip=192.0.2.129 --netmask=255.255.255.128 --gateway=192.0.2.254\n',
  'network --bootproto=static --device=a --ip=192.0.2.0 --netmask=255.255.255.254 --gateway=192.0.2.1\n',
  'network --device=a --ipv6=2001:db8::5/64 --ipv6gateway=fe80::1\n',
  'network --device=a --ipv6=2001:db8::5/64 --ipv6gateway=2001:db8::1\n',
  'url --url=https://192.0.2.1/a\nrepo --name=b --baseurl=https://192.0.2.1/b\n',
  'lang de\n',
  'lang C.UTF-8 --addsupport=sr_RS.UTF-8@latin,de_DE@euro\n',
  "keyboard --vckeymap=us --xlayouts='us (intl)','de(nodeadkeys)',gb\n",
  'keyboard --vckeymap=de-nodeadkeys\n',
  'keyboard sv-latin1\n',
  'rootpw --iscrypted !!\n',
  'rootpw --iscrypted $default_password_crypted\n',
  `rootpw --iscrypted \${ROOTPW}\n`,
  '%addon org_example_manager\n%end\n',
  'rootpw --iscrypted *\n',
  'rootpw --iscrypted $6$salt$...\n',
  `rootpw --iscrypted !${HASH}\n`,
  `rootpw --iscrypted $2b$10$${'a'.repeat(53)}\n`,
  'logvol none --vgname=a --name=p --thinpool --percent=90\nvolgroup a pv.1\npart pv.1 --size=9\nlogvol / --vgname=a --name=r --thin --poolname=p --percent=50\n',
  'user --name=a --gecos="Zoë O’Brien – the “boss”"\n',
  'user --name=a --gecos=O’Brien\n',
  '# “a comment” – with all\u00a0of them\n',
  '%addon com_redhat_oscap\n# a comment\ncontent-type = scap-security-guide\nprofile = "xccdf_a"\n%end\n',
  '%addon org_fedora_oscap\n    content-type = archive\n    content-url = http://192.0.2.1/a.zip\n    profile = a\n    content-path = a.xml\n%end\n',
  'text\nlang en_US\nrootpw --lock\nclearpart --all\nreboot\n%include /tmp/a.ks\n%pre\n/mnt/tool\n%end\n',
  'text\nlang en_US\nrootpw --lock\nclearpart --all\nreboot\n%include /tmp/a.ks\n%pre --interpreter=/usr/bin/python3\nprint()\n%end\n',
  'part / --size=5120 --fstype=ext4\npart / --size=7750\n',
  'realm join --one-time-password=abc --computer-ou=OU=Linux example.org\n',
  'snapshot vg/root --name=a --when=POST-INSTALL\n',
];

t.test('what only looks like a mistake', (t) => {
  for (const text of HARMLESS) t.same(alarms(lint(text, 'rhel-9', {})), [], JSON.stringify(text));
  t.end();
});

t.test('mistakes that the installer stops at are found in their line', (t) => {
  for (const [line, rule, text] of MISTAKES) {
    const findings = lint(text);
    const found = findings.find((finding) => finding.rule === `kickstart/${rule}` && finding.line === line);
    t.ok(found, `${rule}: ${JSON.stringify(text)} has ${JSON.stringify(names(findings))}`);
    if (!found) continue;
    const length = text.split('\n')[found.line - 1]?.length ?? 0;
    t.ok(found.column >= 1 && found.endColumn <= length + 1 && found.endColumn >= found.column, 'inside of its line');
  }
  t.end();
});

/** Where each is taken: RHEL 8, 9, 10 and Fedora; `-` stops the installer, `d` is deprecated, `+` is there. */
const HISTORY: readonly (readonly [string, string])[] = [
  ['install', 'd---'],
  ['auth --enableshadow', 'dd--'],
  ['autostep', 'dd--'],
  ['device eth0', 'd---'],
  ['multipath --name=a', 'd---'],
  ['method', '+d--'],
  ['nvdimm use --namespace=a', '+d--'],
  ['module --name=nodejs', '++d-'],
  ['timesource --ntp-disable', '-+++'],
  ['timezone Etc/UTC --isUtc', '+d-d'],
  ['timezone Etc/UTC --nontp', '+d-d'],
  ['logging --level=debug', '+d--'],
  ['repo --name=a --ignoregroups=true', '+d--'],
  ['bootloader --upgrade', 'd---'],
  ['bootloader --sdboot', '--++'],
  ['part /a --size=1 --active', 'd---'],
  ['network --device=t --teamslaves=a', '++d+'],
  ['network --device=t --ipv4-dns-search=a.org', '-+++'],
  ['rootpw --allow-ssh --plaintext a', '-+++'],
  ['url --url=https://example.org --noverifyssl', '++++'],
  ['rhsm --organization=a --activation-key=b', '+++-'],
  ['lilo', '----'],
  ['%anaconda\n%end', '+d--'],
  ['%packages --excludeWeakdeps\n%end', '+d-d'],
  ['%packages --instLangs=en\n%end', '+d-d'],
  ['%packages --exclude-weakdeps\n%end', '-+++'],
  ['%packages --inst-langs=en\n%end', '-+++'],
  ['%packages --ignorebroken\n%end', '---+'],
  ['%certificate --filename=a.pem\n-----BEGIN CERTIFICATE-----\n%end', '-+++'],
  ['%certificate --filename=a.pem --type=anchor\n-----BEGIN CERTIFICATE-----\n%end', '---+'],
  ['autopart --hibernation', '--++'],
  ['autopart --encrypted --passphrase=a --luks-version=luks2-hw-opal --hw-passphrase=b', '--++'],
  ['part / --size=1 --encrypted --passphrase=a --luks-version=luks2-hw-opal-only --hw-passphrase=b', '--++'],
  ['logvol / --vgname=a --name=b --size=1 --useexisting --hw-passphrase=b', '----'],
  ['raid / --device=a --level=1 --hw-passphrase=b raid.01 raid.02', '----'],
  ['raid / --device=a --useexisting --level=linear', '--++'],
  ['part / --size=5000 --onbiosdisk=80', '++++'],
  ['part / --size=5000 --type=xfs', '++++'],
  ['sshpw --username=root --plaintext three words here', '++++'],
  ['sshpw --username=root --lock', '----'],
  ['rhsm --organization=1 --activation-key=k --flatpak-registry-url=https://f.example.net', '--+-'],
  ['updates', '+---'],
  ['updates https://192.0.2.1/updates.img', '++++'],
  ['zfcp --devnum=0.0.4000', '-+++'],
  ['zfcp --devnum=0.0.4000 --wwpn=0x5005076300c213e9', '----'],
  ['zfcp --devnum=0.0.4000 --wwpn=0x5005076300c213e9 --fcplun=0x5022000000000000', '++++'],
  ['bootloader --sdboot --extlinux', '----'],
  ['network --ipv4-dns-search=a.org', '----'],
  ['network --ipv6-ignore-auto-dns', '----'],
  ['network --device=a --vlanid=1 --bindto=mac', '----'],
  ['stratispool a sda', '---+'],
  ['stratisfs / --pool=a --name=root', '---+'],
  ['autopart --type=stratis', '---+'],
  // What comes of these is a warning, whatever stands after them.
  ['logging --level=loud', '-d--'],
  ['repo --name=a --ignoregroups=maybe', '-d--'],
  ['vnc --pasword=a', '--dd'],
  ['module --nam=a --straem=b', '--d-'],
  ['autostep --nothing', 'dd--'],
  ['install --nothing', 'd---'],
  ['multipath --nothing', 'd---'],
  ['dmraid --nothing', 'd---'],
  ['device --nothing', 'd---'],
  ['syspurpose --nothing', '--d-'],
];

t.test('what each release knows', (t) => {
  for (const [text, expected] of HISTORY) {
    const found = RELEASES.map((release) => {
      const findings = lint(`${text}\n`, release);
      if (findings.some(({ severity }) => severity === 'error')) return '-';
      return names(findings).some((name) => name.startsWith('deprecated')) ? 'd' : '+';
    });
    t.equal(found.join(''), expected, text);
  }
  t.end();
});

/** On Fedora, which has Btrfs. */
const OF_BTRFS: readonly (readonly [string, string])[] = [
  ['arguments', 'btrfs /\n'],
  ['arguments', 'btrfs / --subvol --name=root\n'],
  ['exclusive-options', 'part btrfs.01 --size=1\nbtrfs / --subvol btrfs.01\n'],
  ['exclusive-options', 'part btrfs.01 --size=1\nbtrfs / --useexisting --mkfsoptions=-m btrfs.01\n'],
  ['bad-value', 'part btrfs.01 --size=1\nbtrfs / --data=5 btrfs.01\n'],
  ['exclusive-options', 'autopart --type=btrfs --fstype=xfs\n'],
  ['file-system', 'autopart --fstype=btrfs\n'],
];

t.test('Btrfs', (t) => {
  for (const [rule, text] of OF_BTRFS) {
    const errors = lint(text, 'fedora').filter(({ severity }) => severity === 'error');
    t.same(names(errors), [rule], text);
  }
  t.same(alarms(lint('part btrfs.01 --size=1\nbtrfs / --data=RAID1 --metadata=single btrfs.01\n', 'fedora')), []);
  t.same(names(lint('btrfs /\n', 'rhel-9')), ['file-system'], 'RHEL passes over it');
  t.end();
});

t.test('the table says what it may', (t) => {
  const releases = z.strictObject({ rhel: z.int().optional(), fedora: z.int().optional() }).optional();
  const lifetime = { from: releases, deprecated: releases, removed: releases };
  const option = z.strictObject({
    ...lifetime,
    choicesFrom: z.record(z.string(), releases).optional(),
    requiredBefore: releases,
    type: z.enum(['flag', 'string', 'int', 'bool', 'list', 'optional']),
    choices: z.array(z.string()).optional(),
    anyCase: z.boolean().optional(),
    required: z.boolean().optional(),
  });
  const group = z.array(z.array(z.string())).optional();
  const command = z.strictObject({
    ...lifetime,
    free: z.boolean().optional(),
    ignored: releases,
    firstArgument: z.array(z.string()).optional(),
    argumentFrom: releases,
    positional: z.tuple([z.int(), z.int()]).optional(),
    options: z.record(z.string().regex(/^--[\w-]+$/), option).optional(),
    exclusive: group,
    oneOf: group,
    needs: z.record(z.string(), z.string()).optional(),
    instead: z.string().optional(),
  });
  const key = z.strictObject({
    required: z.boolean().optional(),
    unless: z.array(z.string()).optional(),
    choices: z.array(z.string()).optional(),
  });
  const addon = command.extend({ keys: z.record(z.string(), key).optional() });
  const { commands, sections, addons, date, sources } = kickstartTable();
  for (const [name, facts] of Object.entries(addons)) t.ok(addon.safeParse(facts).success, name);
  t.match(date, /^\d{4}-\d\d-\d\d$/);
  t.ok(sources.length > 0);
  for (const [name, facts] of Object.entries({ ...commands, ...sections, ...addons })) {
    if (!(name in addons)) t.ok(command.safeParse(facts).success, name);
    const known = [...Object.keys(facts.options ?? {}), 'ARGUMENT'];
    for (const [option, { choices = [], choicesFrom = {} }] of Object.entries(facts.options ?? {}))
      t.ok(
        Object.keys(choicesFrom).every((choice) => choices.includes(choice)),
        `${name} ${option}`,
      );
    const mentioned = [
      ...(facts.exclusive ?? []),
      ...(facts.oneOf ?? []),
      Object.keys(facts.needs ?? {}),
      Object.values(facts.needs ?? {}),
    ];
    t.same(
      mentioned.flat().filter((option) => !known.includes(option)),
      [],
      name,
    );
  }
  t.end();
});

t.test('words are divided as shlex divides them', (t) => {
  const words = (line: string) => splitWords(line).words.map(({ text }) => text);
  t.same(words(`a "b c" 'd "e' f\\ g --x="y z"'w' # no more`), ['a', 'b c', 'd "e', 'f g', '--x=y zw']);
  t.same(words('"a\\"b\\\\c\\d"'), ['a"b\\c\\d']);
  t.same(words("''"), ['']);
  t.same(
    splitWords('  ab cd').words.map(({ column, endColumn }) => [column, endColumn]),
    [
      [3, 5],
      [6, 8],
    ],
  );
  t.equal(splitWords('a "b').open, 3);
  t.equal(splitWords('a b#c').cut, 4);
  t.equal(splitWords('a b \\').continued, 5);
  t.end();
});

t.test('a name may be shortened where only one fits', (t) => {
  t.same(names(lint('part / --size=1024 --gro --fsopt=noatime\n')), []);
  t.same(names(lint('network --bond=a\n')), ['unknown-option']);
  t.end();
});

t.test('includes', (t) => {
  const files = {
    'disk.ks': 'autopart\npart / --size=1\n',
    'a.ks': '%include b.ks\n',
    'b.ks': '%include a.ks\n',
    'p.ks': 'vim\nfoo bar\n',
  };
  const disk = lint('text\n%include disk.ks\n', 'rhel-9', files);
  t.same(
    disk.map(({ file, line, rule }) => [file, line, rule]),
    [['disk.ks', 2, 'kickstart/conflicting-commands']],
  );
  t.same(names(lint('%include a.ks\n', 'rhel-9', files)), ['include-cycle']);
  t.same(names(lint('%include ks.cfg\n')), ['include-cycle']);
  const packages = lint('%packages\n%include p.ks\n%end\n', 'rhel-9', files);
  t.same(
    packages.map(({ file, line }) => [file, line]),
    [['p.ks', 2]],
  );
  const twice = Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [`${n}.ks`, `%include ${n + 1}.ks\n%include ${n + 1}.ks\n`]),
  );
  t.ok(
    names(lint('%include 0.ks\n', 'rhel-9', { ...twice, '40.ks': 'text\n' })).includes('include-cycle'),
    'two to the power of forty',
  );
  t.same(names(lint('volgroup vg pv.01\n%include /tmp/part.ks\n')), [], 'what %pre writes may define it');
  t.end();
});

t.test('whatever the bytes, there is an end and no crash', (t) => {
  const piece = fc.oneof(
    fc.constantFrom(...Object.keys(kickstartTable().commands), ...Object.keys(kickstartTable().sections)),
    fc.constantFrom(
      '%end',
      '%include',
      '%ksappend',
      '\n',
      ' ',
      '"',
      "'",
      '\\',
      '#',
      '--',
      '=',
      '@',
      '-',
      ',',
      '/',
      '--size=',
      '__proto__',
      'constructor',
      '%',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, fc.constantFrom(...RELEASES), (content, release) => {
      for (const { line, column, endColumn } of lint(content, release)) {
        const length = content.split('\n')[line - 1]?.length ?? -1;
        if (column < 1 || endColumn < column || endColumn > length + 1)
          throw new Error(`${line}:${column}-${endColumn}`);
      }
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test('files of megabytes', (t) => {
  const texts = [
    'x'.repeat(10_000_000),
    `part / ${'--y '.repeat(500_000)}`,
    `rootpw "${'\\"'.repeat(1_000_000)}`,
    'x y\n'.repeat(100_000),
    '%pre\n'.repeat(100_000),
  ];
  for (const text of texts) {
    const before = process.cpuUsage();
    lint(text);
    // A few hundred milliseconds; the limit is for a host that is busy with other things.
    t.ok(processorTime(before) < 20_000, JSON.stringify(text.slice(0, 12)));
  }
  t.end();
});

t.test('where reading and telling stop, that is told', (t) => {
  const many = (count: number): string => `%packages\n${'p\n'.repeat(count)}%end\n`;
  t.same(names(lint(many(199_998))), [], '200,000 lines');
  const long = lint(many(200_001)).filter(({ rule }) => rule !== 'kickstart/package-twice');
  t.match(long, [{ rule: 'kickstart/too-long', severity: 'warning', line: 200_001 }]);
  t.equal(long.length, 1, 'and nothing of what is missing');
  t.match(lint(`services --enabled=${'a '.repeat(3000)}\n`).at(-1), { rule: 'kickstart/too-long' });
  const found = lint('x y\n'.repeat(3000));
  t.match(found.at(-1), { rule: 'kickstart/too-long', message: /2000 findings/ });
  t.equal(found.length, 2001);
  t.end();
});

t.test('the names of languages and keyboards', (t) => {
  const { locales, layouts, keymaps } = kickstartNames();
  t.ok(locales.length > 300 && locales.every((name) => /^[a-z]{2,3}(_[A-Z]{2})?(@[a-z]+)?$/.test(name)));
  t.ok(['us', 'de', 'gb'].every((name) => layouts[name]?.every((variant) => /^[\w-]+$/.test(variant))));
  t.ok(keymaps.length > 200 && keymaps.every((name) => /^[\w.-]+$/.test(name)));
  t.end();
});

t.test('releases by the names people use', (t) => {
  const known: readonly (readonly [string, string])[] = [
    ['rhel8', 'rhel-8'],
    ['RHEL-9.4', 'rhel-9'],
    ['10', 'rhel-10'],
    ['rocky 9', 'rhel-9'],
    ['almalinux-8', 'rhel-8'],
    ['centos-stream-10', 'rhel-10'],
    ['CentOS Stream 9', 'rhel-9'],
    ['centos 8-stream', 'rhel-8'],
    ['fedora', 'fedora'],
    ['F41', 'fedora-41'],
    ['fedora-43', 'fedora-43'],
  ];
  for (const [text, release] of known) t.equal(kickstartRelease(text), release, text);
  for (const text of ['rhel7', 'debian12', '', 'fedora12', 'x'.repeat(100)]) {
    const thrown = t.throws(() => kickstartRelease(text));
    t.ok(thrown instanceof IngotError && thrown.code === 'usage.release' && thrown.hint);
  }
  t.equal(releaseTitle('rhel-9'), 'RHEL 9');
  t.equal(releaseTitle('fedora'), 'Fedora');
  t.end();
});

/** Metadata as createrepo_c writes them: names and what is provided, comps, and modules. */
const REPODATA = {
  primary: (names: readonly string[]) =>
    `<?xml version="1.0"?>\n<metadata packages="${names.length}">\n${names
      .map(
        (name) =>
          `<package type="rpm">\n  <name>${name}</name>\n  <arch>x86_64</arch>\n  <format>\n    <rpm:provides>\n      <rpm:entry name="${name}" flags="EQ"/>\n      <rpm:entry name="${name}-virtual"/>\n      <rpm:entry name="lib${name}.so()(64bit)"/>\n    </rpm:provides>\n    <rpm:requires>\n      <rpm:entry name="needed"/>\n    </rpm:requires>\n  </format>\n</package>\n`,
      )
      .join('')}</metadata>\n`,
  comps:
    '<comps><group><id>core</id><name>Core</name><name xml:lang="de">Kern</name></group><group><id>dev</id><name>Tools &amp; Co</name></group><environment><id>minimal-environment</id><name>Minimal Install</name></environment></comps>',
  modules:
    '---\ndocument: modulemd\nversion: 2\ndata:\n  name: nodejs\n  stream: "20"\n...\n---\ndocument: modulemd\ndata:\n  name: nodejs\n  stream: 22\n...\n---\ndocument: modulemd-defaults\ndata:\n  module: perl\n  stream: "5.32"\n...\n',
};

const repomd = (data: Readonly<Record<string, string>>): string =>
  `<repomd>${Object.entries(data)
    .map(([type, path]) => `<data type="${type}"><checksum type="sha256">0</checksum><location href="${path}"/></data>`)
    .join('\n')}</repomd>`;

const writeTree = async (folder: string): Promise<void> => {
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  await write(
    'BaseOS/os/.treeinfo',
    '[general]\nfamily = Example\n[variant-BaseOS]\nid = BaseOS\nrepository = .\n[variant-AppStream]\nid = AppStream\nrepository = ../../AppStream/os\n',
  );
  await write('BaseOS/os/repodata/repomd.xml', repomd({ primary: 'repodata/p.xml.gz', group: 'repodata/c.xml' }));
  await write('BaseOS/os/repodata/p.xml.gz', gzipSync(REPODATA.primary(['bash', 'vim-enhanced', 'python3-dnf'])));
  await write('BaseOS/os/repodata/c.xml', REPODATA.comps);
  await write(
    'AppStream/os/repodata/repomd.xml',
    repomd({ primary: 'repodata/p.xml.zst', modules: 'repodata/m.yaml.xz' }),
  );
  const many = Array.from({ length: 5000 }, (_, index) => `package${index}`);
  await write('AppStream/os/repodata/p.xml.zst', zstdCompressSync(REPODATA.primary([...many, 'nginx'])));
  await write('AppStream/os/repodata/m.yaml', REPODATA.modules);
  await run('xz', [join(folder, 'AppStream/os/repodata/m.yaml')]);
};

/** Entries of %packages, and what is said of each; the tree has BaseOS and AppStream. */
const ENTRIES: readonly (readonly [string, RegExp | undefined, RegExp?])[] = [
  ['bash', undefined],
  ['bash.x86_64', undefined],
  ['bash-5.1.8', undefined],
  ['bash-0:5.1.8-9.el9.x86_64', undefined],
  ['nginx # a comment', undefined],
  ['nginx-virtual', undefined],
  ['package4999', undefined],
  ['vim*', undefined],
  ['-nothing', undefined],
  ['/usr/bin/anything', undefined],
  ['perl(File::Copy)', undefined],
  ['(a if b)', undefined],
  ['@core', undefined],
  ['@Core --nodefaults', undefined],
  ['@Tools & Co', undefined],
  ['@^minimal-environment', undefined],
  ['@^Minimal Install', undefined],
  ['@nodejs:20/default', undefined],
  ['@nodejs:22', undefined],
  ['@perl', undefined],
  ['needed', /no package `needed`/],
  ['vim-enhnaced', /no package/, /vim-enhanced/],
  ['zz*', /no package of the tree has a name like/],
  ['@cor', /no group `cor`/, /`@core`/],
  ['@minimal-environment', /no group/, /an environment: write @\^minimal-environment/],
  ['@^core', /no environment/, /a group: write @core/],
  ['@nodejs:18', /without a stream `18`/, /20, 22/],
  ['@nodejss:20', /no module `nodejss`/, /`@nodejs`/],
];

t.test('packages against a tree: a folder, an ISO, a server', async (t) => {
  const folder = t.testdir({});
  await writeTree(folder);
  const isoFile = join(t.testdirName, 'tree.iso');
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-o', isoFile, folder]);
  const server = createServer(async (request, response) => {
    const content = await readFile(join(folder, new URL(request.url ?? '/', 'http://a').pathname)).catch(
      () => undefined,
    );
    response.writeHead(content ? 200 : 404).end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const places = [join(folder, 'BaseOS/os'), isoFile, `http://127.0.0.1:${port}/BaseOS/os`];
  for (const place of places) {
    const tree = await readTrees([place]);
    t.equal(tree.names.size, 5004, place);
    for (const [entry, message, hint = /./] of ENTRIES) {
      const found = lint(`%packages\n  ${entry}\n%end\n`, 'rhel-9', {}, tree);
      if (message)
        t.match(found, [{ rule: 'kickstart/package-missing', severity: 'error', line: 2, column: 3, message }], entry);
      else t.same(found, [], entry);
      if (message && hint.source !== '.') t.match(found[0]?.hint, hint, entry);
    }
  }
  const tree = await readTrees([places[0] ?? '']);
  const severity = (text: string) => lint(text, 'rhel-9', {}, tree).map((one) => one.severity);
  t.same(severity('%packages --ignoremissing\nnone\n%end\n'), ['warning']);
  t.same(severity('repo --name=AppStream --baseurl=http://a/b\n%packages\nnone\n%end\n'), ['error'], 'of the tree');
  t.same(severity('repo --name=epel --baseurl=http://a/b\n%packages\nnone\n%end\n'), ['warning'], 'it may bring it');
  const file = sourceFile('ks.cfg', '%packages\nnone\n%end\n');
  t.match(await lintFile(file, { trees: places.slice(0, 1), release: 'rhel-9' }), [
    { rule: 'kickstart/package-missing' },
  ]);
  await t.rejects(readTrees([join(folder, 'nothing')]), { code: 'usage.tree' });
  await t.rejects(
    readTrees([join(folder, 'BaseOS')]).then(() => readTrees([join(folder, 'AppStream/os/repodata')])),
    {
      code: 'usage.tree',
      message: /no repository/,
    },
  );
  await t.rejects(readTrees([`http://127.0.0.1:${port}/nothing`]), { code: 'usage.tree' });
  await t.rejects(readTrees(['http://127.0.0.1:1/']), { code: 'usage.tree', message: /cannot be read/ });
});

t.test('ksvalidator is asked where it is installed', async (t) => {
  const bin = join(t.testdir({}), 'bin');
  await mkdir(bin);
  const path = process.env['PATH'] ?? '';
  t.teardown(() => {
    process.env['PATH'] = path;
  });
  process.env['PATH'] = bin;
  const file = sourceFile('mine.cfg', 'text\nreboot\nkeybord us\n');
  t.same(await askKsvalidator(file, 'rhel-9'), [], 'not installed');
  await writeFile(
    join(bin, 'ksvalidator'),
    '#!/bin/sh\necho "$@" >&2\necho "The following problem occurred on line 3 of the kickstart file:"\necho\necho "Unknown command: keybord"\nexit 1\n',
  );
  await chmod(join(bin, 'ksvalidator'), 0o755);
  const said = { rule: 'kickstart/ksvalidator', severity: 'error', line: 3, message: 'Unknown command: keybord' };
  t.match(await askKsvalidator(file, 'rhel-9'), [{ ...said, file: 'mine.cfg' }]);
  t.same(
    (await lintFile(file, { kind: 'kickstart' })).filter(({ line }) => line === 3).map(({ rule }) => rule),
    ['kickstart/unknown-command'],
    'what is said already is not said twice',
  );
  const other = sourceFile('mine.cfg', 'text\nreboot\nkeyboard us\n');
  t.match(
    (await lintFile(other, { kind: 'kickstart' })).filter(({ line }) => line === 3),
    [said],
  );
  const answers = async (script: string, release: KickstartRelease = 'rhel-9') => {
    await writeFile(join(bin, 'ksvalidator'), `#!/bin/sh\n${script}\n`);
    return askKsvalidator(file, release);
  };
  const problem = (line: number, message: string): string =>
    `echo "The following problem occurred on line ${line} of the kickstart file:"; echo; echo "${message}"`;
  t.match(
    await answers(`${problem(1, 'one')}\n${problem(3, 'two')}\nexit 2`),
    [
      { line: 1, severity: 'error', message: 'one' },
      { line: 3, severity: 'error', message: 'two' },
    ],
    'its exit status is the number of mistakes',
  );
  t.match(await answers(`${problem(1, 'one')}\nexit 200`), [{ message: 'one' }]);
  t.same(await answers('exit 0'), []);
  t.match(await answers('exit 9'), [{ severity: 'info', message: /could not be asked: exit status 9/ }]);
  const refused = 'case "$*" in *DEVEL*|*F99*) echo "The version $2 is not supported by pykickstart"; exit 1;; esac';
  t.same(await answers(refused, 'fedora'), [], 'the newest has no name that it takes');
  t.match(await answers(refused, 'fedora-99'), [{ severity: 'info', message: /could not be asked: .*not supported/ }]);
});
