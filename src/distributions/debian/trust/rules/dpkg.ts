/** dpkg's and apt's own records. What they say is held against the signed packages elsewhere too (`database.ts`). */

import { parseStanza, type Stanza } from '../../../../formats/packages/deb822.ts';
import { type Check, eachLine, empty, reads, shown } from '../checks.ts';
import type { DebianRule } from '../debian-rule.ts';
import type { DebianFacts } from '../facts.ts';
import { AVAILABLE, availableStanzas, plain } from '../listed.ts';
import { slimWhy } from '../slim-exclusions.ts';

const names: Check = eachLine((line, { installed }) => {
  const name = line
    .replace(/^.* /, '')
    .replace(/\/(noawait|await)$/, '')
    .replace(/:.*$/, '');
  return installed.has(name);
});

/** Absolute paths in an administration file of update-alternatives: all lead to files of packages, or are names of its own. */
const alternativesFile: Check = async ({ path }, { text, isOfPackage, at }) => {
  const [, ...lines] = (await text(path)).split('\n');
  const own = lines.slice(0, lines.indexOf(''));
  const offered = lines.slice(own.length).filter((line) => line.startsWith('/'));
  const odd =
    offered.find((line) => !isOfPackage(line) && at(line) !== undefined) ??
    own.find((line) => line.startsWith('/') && at(line) !== undefined && at(line)?.target === undefined);
  return odd === undefined ? undefined : `it offers ${odd}, which no package vouches for`;
};

/** What an index adds to what a package says of itself, or says instead. */
const OF_INDEX = new Set([
  ...[
    'description',
    'description-md5',
    'filename',
    'md5sum',
    'priority',
    'section',
    'sha1',
    'sha256',
    'sha512',
    'size',
    'tag',
  ],
]);

const available: Check = async (_, facts) => {
  const controls = new Map(facts.held.map(({ sha256, content }) => [sha256, content.control]));
  const odd = (await availableStanzas(facts.files)).find((stanza) => !isAvailable(stanza, controls, facts));
  return odd === undefined ? undefined : `nothing lists ${shown(odd.get('package') ?? 'a stanza of it')} as it does`;
};

/** As an index has it, or, where none is at hand, of the digest of a package that was held and with its own fields. */
const isAvailable = (
  stanza: Stanza,
  controls: ReadonlyMap<string, string>,
  { listed }: Pick<DebianFacts, 'listed'>,
): boolean => {
  const agrees = (fields: Stanza, isOwn: (field: string) => boolean = () => true) =>
    [...stanza].every(([field, value]) => !isOwn(field) || plain(fields.get(field)) === plain(value));
  const indexed = listed(stanza);
  if (indexed.length > 0) return indexed.some(({ fields }) => agrees(fields));
  const control = controls.get(stanza.get('sha256') ?? '');
  return control !== undefined && agrees(parseStanza(control), (field) => !OF_INDEX.has(field));
};

const DPKG = "dpkg's own record";

export const DPKG_RULES: readonly DebianRule[] = [
  {
    name: 'dpkg-status',
    reason: DPKG,
    path: ['/var/lib/dpkg/status'],
    checks: 'each stanza says what the signed package says (told as `trust/database`)',
  },
  {
    name: 'slim-exclusions',
    reason: 'what upgrades leave out as well, by the recipe’s `slim`',
    path: /^\/etc\/dpkg\/dpkg\.cfg\.d\/90-slim-[a-z-]+$/,
    class: 'ingot',
    checks: 'it leaves out what the strip of its name leaves out, and nothing else',
    check: async ({ path }, { text }) => slimWhy(path, await text(path)),
  },
  {
    name: 'dpkg-status-before',
    reason: 'what dpkg’s record was before the last change',
    path: ['/var/lib/dpkg/status-old', '/var/lib/dpkg/diversions-old', '/var/lib/dpkg/statoverride-old'],
  },
  {
    name: 'dpkg-diversions',
    reason: DPKG,
    path: ['/var/lib/dpkg/diversions', '/var/lib/dpkg/statoverride'],
    checks: 'each entry is made by a signed maintainer script (told as `trust/diversion`, `trust/override`)',
  },
  {
    name: 'dpkg-format',
    reason: DPKG,
    path: ['/var/lib/dpkg/info/format'],
    checks: 'it says 1',
    check: reads(/^1\n$/),
  },
  {
    name: 'dpkg-architectures',
    reason: DPKG,
    path: ['/var/lib/dpkg/arch', '/var/lib/dpkg/arch-native'],
    checks: 'names of architectures',
    check: reads(/^([a-z0-9-]+\n)+$/),
  },
  {
    name: 'dpkg-method',
    reason: DPKG,
    path: ['/var/lib/dpkg/cmethopt'],
    checks: 'it says apt apt',
    check: reads(/^apt apt\n$/),
  },
  {
    name: 'dpkg-empty',
    reason: 'locks, and lists that nobody fills',
    path: [
      '/var/lib/dpkg/lock',
      '/var/lib/dpkg/lock-frontend',
      '/var/lib/dpkg/triggers/Lock',
      '/var/lib/dpkg/triggers/Unincorp',
      '/var/lib/apt/lists/lock',
      '/var/cache/apt/archives/lock',
      '/var/lib/apt/daily_lock',
    ],
    mode: [0o600, 0o640, 0o644],
    checks: 'it is empty',
    check: empty,
  },
  {
    name: 'dpkg-available',
    reason: 'debootstrap tells dpkg which packages there are, in an installer of others than Ingot',
    path: [AVAILABLE],
    checks:
      'each stanza is as a signed index has it, or that of the medium; where none is at hand, it is of the digest of a package that was held, with its fields',
    check: available,
  },
  {
    name: 'dpkg-triggers',
    reason: 'who wants to be called',
    path: /^\/var\/lib\/dpkg\/triggers\/[\w.+-]+$/,
    checks: 'it names installed packages',
    check: names,
  },
  {
    name: 'alternatives-records',
    reason: 'what update-alternatives(1) has to choose from',
    path: /^\/var\/lib\/dpkg\/alternatives\/[^/]+$/,
    checks: 'what it offers are verified files',
    check: alternativesFile,
  },
  {
    name: 'apt-marks',
    reason: 'which packages came because others need them',
    path: ['/var/lib/apt/extended_states'],
    checks: 'it names installed packages',
    check: eachLine((line, { installed }) => !line.startsWith('Package: ') || installed.has(line.slice(9)), /^$/),
  },
  {
    name: 'debconf',
    reason: 'debconf’s answers and questions',
    path: [
      '/var/cache/debconf/config.dat',
      '/var/cache/debconf/templates.dat',
      '/var/cache/debconf/config.dat-old',
      '/var/cache/debconf/templates.dat-old',
    ],
  },
  {
    name: 'debconf-passwords',
    reason: 'debconf’s answers that are secret',
    path: ['/var/cache/debconf/passwords.dat'],
    mode: [0o600],
  },
  {
    name: 'ucf',
    reason: 'ucf’s record of the files that it put into place',
    path: /^\/var\/lib\/ucf\/(hashfile|registry)(\.\d+)?$/,
  },
  {
    name: 'unit-records',
    reason: 'deb-systemd-helper notes what a package has enabled',
    path: /^\/var\/lib\/systemd\/deb-systemd-(user-)?helper-(enabled|masked)\/.+$/,
    checks: 'it is empty, or names places of links',
    check: eachLine((line) => line.startsWith('/etc/systemd/') || line.startsWith('/usr/lib/systemd/')),
  },
  {
    name: 'keyring-copies',
    reason: 'copies of dpkg’s records by its timer',
    path: /^\/var\/backups\/(dpkg\.(status|diversions|statoverride|arch)|alternatives\.tar|apt\.extended_states)\.\d+(\.gz)?$/,
  },
];
