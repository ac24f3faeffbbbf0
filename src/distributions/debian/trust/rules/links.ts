/** Links that programs make: what they lead to has to be a package's own file, and the program's own records have to say the same. */
import { posix } from 'node:path';
import { both, type Check, leadsTo, leadsToVerified } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import type { DebianFacts } from '../facts.ts';
import { commandsOf, type Scripts, saysName, saysPlace, wordsOf } from '../spelt.ts';

/** A script of a package offers it, under the name of the group that it is of; pages of the manual come in many languages. */
const isOffered = (scripts: Scripts, group: string, target: string): boolean =>
  commandsOf(scripts).some(
    (one) =>
      one.words.has('update-alternatives') &&
      saysName(one, group) &&
      (saysPlace(one, target) || (MANUAL.test(target) && saysName(one, posix.basename(target)))),
  );

const MANUAL = /^\/usr\/share\/man\//;

/** `/etc/alternatives/awk` and what leads there, as update-alternatives(1) keeps it in its own file. */
const chosenAlternative: Check = async ({ path, target = '' }, { text, files, scripts }) => {
  const name = posix.basename(path);
  for (const { name: group } of await files.list('/var/lib/dpkg/alternatives')) {
    const admin = (await text(`/var/lib/dpkg/alternatives/${group}`)).split('\n');
    if (!admin.includes(target) || (group !== name && !admin.includes(name))) continue;
    return isOffered(scripts, group, target) ? undefined : `no package's script offers ${target} as ${group}`;
  }
  return `update-alternatives does not know that it leads to ${target}`;
};

/** A link that stands where an alternative's own name is. */
const isAlternative: Check = async ({ path, target = '' }, { text, files, tree, scripts }) => {
  if (!tree.has(target)) return `${target} is not there`;
  const isMade = commandsOf(scripts).some(
    (one) =>
      one.words.has('update-alternatives') &&
      (saysPlace(one, path) || (MANUAL.test(path) && saysName(one, posix.basename(path)))),
  );
  if (!isMade) return `no package's script makes an alternative of that name`;
  for (const { name } of await files.list('/var/lib/dpkg/alternatives'))
    if (named(await text(`/var/lib/dpkg/alternatives/${name}`), path)) return undefined;
  return 'update-alternatives does not know it';
};

/** Its database may say the path as before usr-merge. */
const named = (admin: string, path: string): boolean => {
  const lines = admin.split('\n');
  return lines.includes(path) || lines.includes(path.replace(/^\/usr\/(s?bin|lib)\//, '/$1/'));
};

/** The unit says itself that it wants to be there (systemd.unit(5), "[Install]"). */
const wantsIt: Check = async ({ path, target = '' }, { text }) => {
  const folder = posix.basename(posix.dirname(path));
  const [, wanter] = /^(.+)\.(?:wants|requires|upholds)$/.exec(folder) ?? [];
  const unit = await text(target);
  const words = (key: string) =>
    Array.from(unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm')), ([, value = '']) => value.split(/\s+/)).flat();
  if (wanter === undefined)
    return words('Alias').includes(posix.basename(path)) ? undefined : `${target} has no such alias`;
  return ['WantedBy', 'RequiredBy', 'UpheldBy'].some((key) => words(key).includes(wanter))
    ? undefined
    : `${target} does not ask for ${wanter}`;
};

/** An instance comes of its template. */
const templateOf = (unit: string): string => unit.replace(/@[^.]+\./, '@.');

const isUnit: Check = ({ path, target = '' }, { isOfPackage }) => {
  const [name, leads] = [posix.basename(path), posix.basename(target)];
  const fits = /\.(?:wants|requires|upholds)\//.test(path) ? leads === name || leads === templateOf(name) : true;
  return fits && isOfPackage(target) ? undefined : `${target} is no unit that a package vouches for`;
};

/**
 * Somebody known enables it: a package's script, a preset of a package (systemd.preset(5)), or another unit that is enabled
 * (`Also=`). A unit that merely could be there, as debug-shell.service, is put there by nobody.
 */
const isEnabled: Check = async ({ path, target = '' }, facts) => {
  const unit = posix.basename(target);
  const known = (await enabledUnits(facts)).has(unit) || (await enabledUnits(facts)).has(posix.basename(path));
  return known ? undefined : `no package enables ${unit}`;
};

const enabled = new WeakMap<DebianFacts, Promise<ReadonlySet<string>>>();

const enabledUnits = (facts: DebianFacts): Promise<ReadonlySet<string>> => {
  const known = enabled.get(facts) ?? findEnabled(facts);
  enabled.set(facts, known);
  return known;
};

const findEnabled = async (facts: DebianFacts): Promise<ReadonlySet<string>> => {
  const { scripts, verifiedBelow, text } = facts;
  const found = new Set<string>();
  const add = (unit: string) => void found.add(unit).add(templateOf(unit));
  for (const { lines } of commandsOf(scripts))
    for (const line of lines.filter((one) => /\b(systemctl|deb-systemd-helper)\b.*\benable\b/.test(one)))
      wordsOf(line).forEach(add);
  for (const path of verifiedBelow('/usr/lib/systemd').filter((one) => /-preset\/[^/]+\.preset$/.test(one)))
    for (const [, unit = ''] of (await text(path)).matchAll(/^enable\s+(\S+)/gm)) add(unit);
  const open = [...found];
  for (let unit = open.pop(); unit !== undefined; unit = open.pop())
    for (const folder of ['system', 'user']) {
      const path = `/usr/lib/systemd/${folder}/${unit}`;
      if (!facts.isOfPackage(path)) continue;
      for (const [, words = ''] of (await text(path)).matchAll(/^Also=(.*)$/gm))
        for (const other of words.split(/\s+/).filter((one) => one !== '' && !found.has(one))) {
          add(other);
          open.push(other);
        }
    }
  return found;
};

const UNITS =
  /^\/etc\/systemd\/(system|user)\/([^/]+\.(wants|requires|upholds)\/)?[^/]+\.(service|socket|timer|target|path|mount)$/;

const NAME = {
  reason: 'the name under which an alternative is used',
  type: 'link',
  checks: 'it leads to a link in /etc/alternatives, and update-alternatives’ own file has its name',
  check: ((file, facts) =>
    file.target?.startsWith('/etc/alternatives/') ? isAlternative(file, facts) : `it leads to ${file.target}`) as Check,
} as const;

export const LINKS: readonly DebianRule[] = [
  {
    name: 'merged-usr',
    reason: 'the installer makes the system with a merged /usr, before any package is there',
    path: ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'],
    type: 'link',
    isOverPackages: true,
    checks: 'it leads to its own name below usr',
    check: ({ path, target }) => (target === `usr${path}` ? undefined : `it leads to ${target}`),
  },
  {
    name: 'alternatives',
    reason: 'update-alternatives(1) chooses among what packages offer',
    path: /^\/etc\/alternatives\/[^/]+$/,
    type: 'link',
    checks: 'it leads to a verified file, as update-alternatives’ own file says, which a package’s script offers',
    check: both(leadsToVerified, chosenAlternative),
  },
  { name: 'alternative-names', path: /^\/usr\/(s?bin|lib|share)\/.+$/, ...NAME },
  { name: 'alternative-names-of-settings', path: /^\/etc\/.+$/, isWide: true, ...NAME },
  {
    name: 'enabled-units',
    reason: 'systemctl enable, as the unit’s [Install] section says',
    path: UNITS,
    type: 'link',
    checks:
      'it leads to a verified unit that says it wants to be there, and a package’s script or preset, or another unit, enables it',
    check: both(isUnit, wantsIt, isEnabled),
  },
  {
    name: 'run-levels',
    reason: 'update-rc.d makes them for scripts in /etc/init.d',
    path: /^\/etc\/rc[0-6S]\.d\/[SK]\d\d[\w.-]+$/,
    type: 'link',
    checks: 'it leads to the verified script of its name',
    check: both(leadsToVerified, ({ path, target }) =>
      target === `../init.d/${path.replace(/^.*\/[SK]\d\d/, '')}` ? undefined : `it leads to ${target}`,
    ),
  },
  {
    name: 'certificate-links',
    reason: 'update-ca-certificates makes them',
    path: /^\/etc\/ssl\/certs\/([^/]+\.pem|[0-9a-f]{8}\.\d+)$/,
    type: 'link',
    checks: 'it leads to a verified certificate',
    check: both(leadsToVerified, ({ target = '' }) =>
      /^(\/usr\/share\/ca-certificates\/.+\.crt|[^/]+\.pem)$/.test(target) ? undefined : `it leads to ${target}`,
    ),
  },
  {
    name: 'kernel-links',
    reason: 'linux-update-symlinks makes them for the newest kernels',
    path: /^\/(boot\/)?(vmlinuz|initrd\.img)(\.old)?$/,
    type: 'link',
    checks: 'it leads to a kernel of a package, or to an initramfs of one',
    check: ({ path, target = '' }, { isOfPackage, tree }) => {
      const [, version] = /^(?:boot\/)?(?:vmlinuz|initrd\.img)-([^/]+)$/.exec(target) ?? [];
      const fits = posix.basename(path).startsWith(posix.basename(target).replace(/-.*$/, ''));
      return version !== undefined &&
        fits &&
        isOfPackage(`/boot/vmlinuz-${version}`) &&
        tree.has(posix.resolve(posix.dirname(path), target))
        ? undefined
        : `it leads to ${target}`;
    },
  },
  {
    name: 'nginx-enabled',
    reason: 'nginx’s packages enable their modules, and its first site',
    path: /^\/etc\/nginx\/(modules|sites)-enabled\/[^/]+$/,
    type: 'link',
    checks: 'it leads to a verified file of those that are available',
    check: both(leadsToVerified, ({ target = '' }) =>
      /^(\/usr\/share\/nginx\/modules-available|\/etc\/nginx\/sites-available)\/[^/]+$/.test(target)
        ? undefined
        : `it leads to ${target}`,
    ),
  },
  {
    name: 'time-zone',
    reason: 'the time zone that the recipe chooses',
    path: ['/etc/localtime'],
    type: 'link',
    checks: 'it leads to a verified file of tzdata',
    check: both(leadsToVerified, ({ target = '' }) =>
      target.includes('usr/share/zoneinfo/') ? undefined : `it leads to ${target}`,
    ),
  },
  ...fixed('mount-table', 'the installer makes it', '/etc/mtab', '../proc/self/mounts', '/proc/self/mounts'),
  ...fixed('resolver', 'systemd-resolved makes it', '/etc/resolv.conf', '../run/systemd/resolve/stub-resolv.conf'),
  ...fixed('vendor', 'base-files makes it', '/etc/dpkg/origins/default', 'debian'),
  ...overPackages(fixed('run', 'base-files makes them', '/var/run', '/run')),
  ...overPackages(fixed('lock', 'base-files makes them', '/var/lock', '/run/lock')),
  ...fixed('mail', 'base-files makes it', '/var/spool/mail', '../mail'),
  ...fixed('local-manuals', 'base-files makes it', '/usr/local/man', 'share/man'),
  ...fixed('dbus-identity', 'dbus makes it', '/var/lib/dbus/machine-id', '/etc/machine-id'),
  ...fixed('login-database', 'libwtmpdb0 makes it', '/var/lib/wtmpdb/wtmp.db', '../../log/wtmp.db'),
  ...fixed('runit', 'openssh-server makes it for runit', '/etc/runit/runsvdir/default/ssh', '/etc/sv/ssh'),
  ...fixed('devices-of-the-process', 'debootstrap makes them', '/dev/fd', '/proc/self/fd'),
  ...['stdin', 'stdout', 'stderr'].flatMap((name, nth) =>
    fixed(`device-${name}`, 'debootstrap makes it', `/dev/${name}`, `/proc/self/fd/${nth}`),
  ),
];

function fixed(name: string, reason: string, path: string, ...targets: readonly string[]): DebianRule[] {
  return [
    {
      name,
      reason,
      path: [path],
      type: 'link',
      checks: `it leads to ${targets.join(' or ')}`,
      check: leadsTo(...targets),
    },
  ];
}

/** A package has a folder there. */
function overPackages(rules: readonly DebianRule[]): DebianRule[] {
  return rules.map((rule) => ({ ...rule, isOverPackages: true }));
}
