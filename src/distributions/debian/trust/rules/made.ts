/** What programs make of verified files: caches, indexes, byte code, state. */
import { librariesIn } from '../../../../formats/ld-so-cache.ts';
import { type Check, eachLine, empty, namedBy, reads } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import { MODULE_TEXT } from '../initramfs.ts';

/** Every library in ldconfig's cache. */
const libraries: Check = async ({ path }, { files, isOfPackage }) => {
  const named = librariesIn((await files.read(path)) ?? Buffer.of());
  if (named === undefined) return 'it is no cache of ldconfig';
  const odd = named.find((one) => !isOfPackage(one));
  return odd === undefined ? undefined : `it names ${odd}, which no package vouches for`;
};

const HEADER = 16;

/** `a/__pycache__/b.cpython-311.pyc` is made of `a/b.py`; its header has the size of that (PEP 552). */
const byteCode: Check = async ({ path, content }, { at, isOfPackage }) => {
  const source = path.replace(/\/__pycache__\/([^/]+)\.[\w-]+\.pyc$/, '/$1.py').replace(/(\.opt-\d)?\.py$/, '.py');
  if (!isOfPackage(source)) return `no package vouches for ${source}`;
  for await (const piece of content()) {
    const head = Buffer.from(piece.subarray(0, HEADER));
    if (head.length < HEADER || head.readUInt32LE(4) !== 0) return 'it is no byte code that is made of a source';
    return head.readUInt32LE(12) === at(source, 'followed')?.size ? undefined : `it was made of another ${source}`;
  }
  return 'it is empty';
};

const modulesListed: Check = eachLine((line, { isOfPackage, tree }) => {
  const [module = ''] = line.split(':');
  return MODULE_FOLDERS(tree).some((folder) => isOfPackage(`${folder}/${module}`));
});
const MODULE_FOLDERS = (tree: ReadonlyMap<string, unknown>): string[] => {
  const known = folders.get(tree);
  if (known !== undefined) return known;
  const found = [...tree.keys()].filter((path) => /^\/usr\/lib\/modules\/[^/]+$/.test(path));
  folders.set(tree, found);
  return found;
};
const folders = new WeakMap<ReadonlyMap<string, unknown>, string[]>();

/** Number and mode as debootstrap makes them. */
const DEVICES: Readonly<Record<string, string>> = {
  '/dev/console': 'character 5:1',
  '/dev/full': 'character 1:7',
  '/dev/null': 'character 1:3',
  '/dev/ptmx': 'character 5:2',
  '/dev/random': 'character 1:8',
  '/dev/tty': 'character 5:0',
  '/dev/urandom': 'character 1:9',
  '/dev/zero': 'character 1:5',
};

const BASE = [
  '/etc/opt',
  '/media',
  '/mnt',
  '/opt',
  '/srv',
  '/usr/local',
  '/usr/local/bin',
  '/usr/local/etc',
  '/usr/local/games',
  '/usr/local/include',
  '/usr/local/lib',
  '/usr/local/libexec',
  '/usr/local/sbin',
  '/usr/local/share',
  '/usr/local/share/man',
  '/usr/local/src',
  '/var/opt',
];

export const MADE: readonly DebianRule[] = [
  {
    name: 'library-cache',
    reason: 'ldconfig makes it',
    path: ['/etc/ld.so.cache'],
    checks: 'each library in it is verified',
    check: libraries,
  },
  {
    name: 'library-notes',
    reason: 'ldconfig notes what it has seen',
    path: ['/var/cache/ldconfig/aux-cache'],
    mode: [0o600],
  },
  {
    name: 'byte-code',
    reason: 'py3compile makes it when a package is configured',
    path: /\/__pycache__\/[^/]+\.pyc$/,
    checks: 'its source is verified, and of the size that it was made of; the code itself is not read',
    check: byteCode,
  },
  { name: 'byte-code-folders', reason: 'py3compile makes them', path: /\/__pycache__$/, type: 'folder' },
  {
    name: 'module-list',
    reason: 'depmod makes it',
    path: /^\/usr\/lib\/modules\/[^/]+\/modules\.dep$/,
    checks: 'each module in it is verified',
    check: modulesListed,
  },
  {
    name: 'module-texts',
    reason: 'depmod makes them of what is written in modules',
    path: /^\/usr\/lib\/modules\/[^/]+\/modules\.(alias|devname|softdep|symbols|weakdep)$/,
    checks: 'lines of such a list: none starts a program, as `install` would (modprobe.d(5))',
    check: reads(MODULE_TEXT),
  },
  {
    name: 'module-indexes',
    reason: 'depmod makes them',
    path: /^\/usr\/lib\/modules\/[^/]+\/modules\.(alias|builtin\.alias|builtin|dep|symbols)\.bin$/,
  },
  {
    name: 'hardware-database',
    reason: 'systemd-hwdb makes it of /usr/lib/udev/hwdb.d',
    path: ['/usr/lib/udev/hwdb.bin'],
    mode: [0o444, 0o644],
  },
  { name: 'locale-archive', reason: 'locale-gen makes it', path: ['/usr/lib/locale/locale-archive'] },
  {
    name: 'message-catalog',
    reason: 'journalctl makes it of what packages bring',
    path: ['/var/lib/systemd/catalog/database'],
  },
  {
    name: 'apparmor-cache',
    reason: 'apparmor_parser compiles the profiles',
    path: /^\/var\/cache\/apparmor\/[0-9a-f]+\.\d+\/[\w.-]+$/,
    mode: [0o600, 0o644],
  },
  {
    name: 'apparmor-cache-folder',
    reason: 'apparmor_parser makes it',
    path: /^\/var\/cache\/apparmor\/[0-9a-f]+\.\d+$/,
    type: 'folder',
    mode: [0o700, 0o755],
  },
  {
    name: 'python-record',
    reason: 'python3 notes that it is set up',
    path: /^\/var\/lib\/python\/python3\.\d+_installed$/,
    checks: 'it is empty',
    check: empty,
  },
  {
    name: 'python-folders',
    reason: 'python3 makes them',
    path: /^(\/var\/lib\/python|\/etc\/python3|\/usr\/local\/lib\/python3\.\d+(\/dist-packages)?)$/,
    type: 'folder',
    mode: [0o755, 0o2775],
  },
  {
    name: 'base-folders',
    reason: 'base-files makes them, for an administrator to fill',
    path: BASE,
    type: 'folder',
    mode: [0o755, 0o2775],
    checks: 'its name stands in the script of base-files',
    check: namedBy('base-files'),
  },
  {
    name: 'mail-folder',
    reason: 'base-files makes it',
    path: ['/var/mail'],
    type: 'folder',
    mode: [0o2775],
    owner: 'root:mail',
  },
  {
    name: 'certificate-folder',
    reason: 'ca-certificates makes it, for an administrator to fill',
    path: ['/usr/local/share/ca-certificates'],
    type: 'folder',
    mode: [0o755, 0o2755],
  },
  {
    name: 'lock-folder',
    reason: 'base-files makes it',
    path: ['/run/lock'],
    type: 'folder',
    mode: [0o1777],
    checks: 'its name stands in the script of base-files',
    check: namedBy('base-files'),
  },
  {
    name: 'merged-usr-folder',
    reason: 'the installer makes it with the merged /usr',
    path: ['/usr/lib64', '/usr/lib32', '/usr/libx32'],
    type: 'folder',
  },
  {
    name: 'lost-and-found',
    reason: 'mke2fs makes one in each file system',
    path: /^(\/[\w/-]+)?\/lost\+found$/,
    type: 'folder',
    mode: [0o700],
  },
  {
    name: 'dpkg-folders',
    reason: 'dpkg, ucf and apt make them',
    path: ['/var/lib/dpkg/triggers', '/var/lib/ucf/cache', '/var/lib/apt/lists/auxfiles'],
    type: 'folder',
  },
  {
    name: 'private-state',
    reason: 'systemd-tmpfiles makes them for services with a user of their own',
    path: ['/var/lib/private', '/var/cache/private', '/var/log/private'],
    type: 'folder',
    mode: [0o700],
  },
  {
    name: 'state-folders',
    reason: 'systemd makes them for its own state',
    path: /^\/var\/lib\/systemd\/(catalog|coredump|linger|pstore|timers|rfkill|backlight|ephemeral-trees|network|deb-systemd-(user-)?helper-(enabled|masked)(\/[^/]+\.(wants|requires))?)$/,
    type: 'folder',
  },
  {
    name: 'clock-state',
    reason: 'systemd-timesyncd notes when it last knew the time',
    path: ['/var/lib/systemd/timesync'],
    type: 'folder',
    owner: 'systemd-timesync:systemd-timesync',
  },
  {
    name: 'clock-mark',
    reason: 'systemd-timesyncd notes when it last knew the time',
    path: ['/var/lib/systemd/timesync/clock'],
    owner: 'systemd-timesync:systemd-timesync',
    checks: 'it is empty',
    check: empty,
  },
  {
    name: 'unit-folders',
    reason: 'systemctl enable makes them',
    path: /^\/etc\/systemd\/(system|user)\/[^/]+\.(wants|requires|upholds)$/,
    type: 'folder',
  },
  {
    name: 'devices',
    reason: 'debootstrap makes them, for before the kernel’s own are there',
    path: Object.keys(DEVICES),
    type: 'other',
    mode: [0o666],
    checks: 'it is the device of its name',
    check: ({ path, device }) => (device === DEVICES[path] ? undefined : `it is ${device}`),
  },
  { name: 'device-folders', reason: 'debootstrap makes them', path: ['/dev/pts', '/dev/shm'], type: 'folder' },
  {
    name: 'logs',
    reason: 'logs; sealing empties them',
    path: [
      '/var/log/alternatives.log',
      '/var/log/dpkg.log',
      '/var/log/bootstrap.log',
      '/var/log/faillog',
      '/var/log/fontconfig.log',
      '/var/log/apt/history.log',
      '/var/log/apt/eipp.log.xz',
    ],
    checks: 'it is empty',
    check: empty,
  },
  {
    name: 'apt-terminal-log',
    reason: 'what apt said on the terminal; sealing empties it',
    path: ['/var/log/apt/term.log'],
    mode: [0o640],
    owner: 'root:adm',
    checks: 'it is empty',
    check: empty,
  },
  {
    name: 'empty-logs',
    reason: 'logs of services; sealing empties them',
    path: /^\/var\/log\/.+[^/]$/,
    isWide: true,
    mode: [0o600, 0o640, 0o644, 0o660, 0o664],
    owner: 'any',
    checks: 'it is empty',
    check: empty,
  },
  {
    name: 'nginx-folders',
    reason: 'nginx-common makes them for its first page',
    path: ['/var/www', '/var/www/html'],
    type: 'folder',
    checks: 'its name stands in the script of nginx-common',
    check: namedBy('nginx-common'),
  },
  {
    name: 'debconf-folder',
    reason: 'debconf takes packages apart in it',
    path: ['/var/cache/debconf/tmp.ci'],
    type: 'folder',
  },
  {
    name: 'audit-log',
    reason: 'auditd’s log; sealing empties it',
    path: ['/var/log/audit/audit.log'],
    mode: [0o600, 0o640],
    owner: 'root:adm',
    checks: 'it is empty',
    check: empty,
  },
  {
    name: 'login-records',
    reason: 'who was logged in; sealing empties them',
    path: ['/var/log/wtmp', '/var/log/lastlog', '/var/log/btmp'],
    mode: [0o660, 0o664],
    owner: 'root:utmp',
    checks: 'it is empty',
    check: empty,
  },
  {
    name: 'login-database-folder',
    reason: 'libwtmpdb0 makes it',
    path: ['/var/lib/wtmpdb'],
    type: 'folder',
    checks: 'its name stands in the script of libwtmpdb0',
    check: namedBy('libwtmpdb0'),
  },
  {
    name: 'journal-folder',
    reason: 'systemd-tmpfiles makes it, and lets the group adm read it',
    path: ['/var/log/journal'],
    type: 'folder',
    mode: [0o2755],
    owner: 'root:systemd-journal',
    attributes: ['system.posix_acl_access', 'system.posix_acl_default'],
  },
  {
    name: 'log-note',
    reason: 'systemd-tmpfiles links the note about where logs are',
    path: ['/var/log/README'],
    type: 'link',
    checks: 'it leads to systemd’s note',
    check: ({ target }) =>
      /^(\.\.\/)+usr\/share\/doc\/systemd\/README\.logs$/.test(target ?? '') ? undefined : `it leads to ${target}`,
  },
];
