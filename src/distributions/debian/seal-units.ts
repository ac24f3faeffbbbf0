/**
 * Seal operations of Debian's own: what the installer, apt, dpkg and debconf leave in a system. Those of every system are in
 * guest/seal/.
 */
import { MEDIUM_MOUNT, MEDIUM_SOURCE } from '../../guest/medium-source.ts';
import { REWRITE } from '../../guest/seal/rewrite.ts';
import { absent, type SealUnit } from '../../guest/seal/unit.ts';

export const DEBIAN_SEAL: readonly SealUnit[] = [
  {
    name: 'medium-source',
    why: 'The install medium serves as a package source during the build. On a clone it would be a source that is not there, and every `apt-get update` would fail.',
    script: `
rm -f ${MEDIUM_SOURCE} /var/lib/apt/cdroms.list /var/lib/apt/cdroms.list~ /etc/apt/sources.list~
umount -l ${MEDIUM_MOUNT} 2>/dev/null || true
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ -f "$file" ] && sed -i '/^[# ]*deb[^:]*\\(cdrom:\\|file:\\/*\\(media\\|cdrom\\|run\\)\\)/d' "$file"
done
for file in /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] && grep -qE '^URIs:.*(cdrom:|file:/*(media|cdrom|run))' "$file" && rm -f "$file"
done
[ ! -f /etc/fstab ] || sed -i '/^[^#].*[[:space:]]\\/media\\/\\(cdrom\\|usb\\)/d' /etc/fstab
for folder in /media/cdrom0 /media/cdrom /cdrom; do
  if [ -L "$folder" ]; then rm -f "$folder"; elif [ -d "$folder" ]; then rmdir "$folder" 2>/dev/null || true; fi
done`,
    checks: [
      ...absent(MEDIUM_SOURCE, '/var/lib/apt/cdroms.list'),
      ...['/etc/apt/sources.list', '/etc/apt/sources.list.d/*'].map((path) => ({
        kind: 'no-line' as const,
        path,
        pattern: /^[^#]*(cdrom:|file:\/*(media|cdrom|run)\b)/,
        meaning: 'apt would look for the install medium',
      })),
      {
        kind: 'no-line',
        path: '/etc/fstab',
        pattern: /^[^#]*\s\/media\/(cdrom|usb)/,
        meaning: 'a drive of the build machine is named',
      },
    ],
  },
  {
    name: 'build-settings',
    why: 'Settings that make an installation quick or quiet are wrong afterwards: packages unpacked without fsync, an unsigned medium trusted, services that never start.',
    script: `
rm -f /etc/apt/apt.conf.d/00trustcdrom /etc/apt/apt.conf.d/00CDMountPoint /etc/apt/apt.conf.d/*ingot*
for file in /etc/dpkg/dpkg.cfg.d/*; do
  [ -f "$file" ] || continue
  if grep -qx 'force-unsafe-io' "$file"; then
    sed -i '/^force-unsafe-io$/d' "$file"
    grep -q '^[^#]' "$file" || rm -f "$file"
  fi
done
rm -f /etc/dpkg/dpkg.cfg.d/*ingot*
if [ -f /usr/sbin/policy-rc.d ] && grep -q 'exit 101' /usr/sbin/policy-rc.d; then rm -f /usr/sbin/policy-rc.d; fi`,
    checks: [
      ...absent(
        '/etc/apt/apt.conf.d/00trustcdrom',
        '/etc/apt/apt.conf.d/00CDMountPoint',
        '/etc/apt/apt.conf.d/*ingot*',
        '/etc/dpkg/dpkg.cfg.d/*ingot*',
        '/usr/sbin/start-stop-daemon.REAL',
      ),
      {
        kind: 'no-line',
        path: '/etc/dpkg/dpkg.cfg.d/*',
        pattern: /^force-unsafe-io/,
        meaning: 'packages would be unpacked without fsync',
      },
      {
        kind: 'no-line',
        path: '/etc/apt/apt.conf.d/*',
        pattern: /TrustCDROM\s+"?(true|1|yes)|AllowUnauthenticated\s+"?(true|1|yes)/i,
        meaning: 'apt would take unsigned packages',
      },
      {
        kind: 'no-line',
        path: '/usr/sbin/policy-rc.d',
        pattern: /^\s*exit 101/,
        meaning: 'no service would be started when it is installed',
      },
    ],
  },
  {
    name: 'package-caches',
    why: 'Downloaded packages and package lists are out of date the next day, and they are the largest thing that an image does not need.',
    script: `
rm -rf /var/cache/dnf /var/cache/yum
# apt's own folders stay, with the owner that its downloads run as.
if [ -d /var/lib/apt/lists ]; then find /var/lib/apt/lists -mindepth 1 ! -path /var/lib/apt/lists/partial -delete; fi
rm -f /var/cache/apt/*.bin /var/cache/debconf/*-old
find /var/cache/apt/archives -type f -delete 2>/dev/null || true`,
    checks: [
      { kind: 'empty-below', path: '/var/lib/apt/lists' },
      ...absent(
        '/var/lib/apt/lists/*_*',
        '/var/lib/apt/lists/partial/*',
        '/var/cache/apt/*.bin',
        '/var/cache/apt/archives/*.deb',
        '/var/cache/apt/archives/partial/*',
        '/var/cache/dnf/*',
        '/var/cache/debconf/*-old',
      ),
    ],
  },
  {
    name: 'installer-traces',
    why: 'The installer keeps its log and all answers, with names, hashes and addresses of the build.',
    script: `${REWRITE}
rm -rf /var/log/installer /debootstrap /root/anaconda-ks.cfg /root/original-ks.cfg /root/install.log /root/install.log.syslog
rm -rf /var/log/anaconda /preseed.cfg /var/lib/cdebconf
answers=/var/cache/debconf/config.dat
if [ -f $answers ]; then
  awk 'BEGIN { RS = ""; ORS = "\\n\\n" } !/\\nOwners: d-i(\\n|$)/' $answers > $answers.ingot
  rewrite $answers < $answers.ingot
  rm -f $answers.ingot $answers-old
fi`,
    checks: [
      ...absent(
        '/var/log/installer',
        '/var/log/anaconda',
        '/var/lib/cdebconf',
        '/debootstrap',
        '/preseed.cfg',
        '/root/*-ks.cfg',
        '/root/install.log*',
      ),
      {
        kind: 'no-line',
        path: '/var/cache/debconf/config.dat',
        pattern: /^Owners: d-i$/,
        meaning: 'debconf keeps an answer to a question of the installer',
      },
    ],
  },
  {
    name: 'debconf-passwords',
    why: 'debconf keeps answers to password questions in a file of their own; the ones given to the installer may be in it.',
    script: `${REWRITE}
empty /var/cache/debconf/passwords.dat
rm -f /var/cache/debconf/passwords.dat-old`,
    checks: [
      { kind: 'empty-below', path: '/var/cache/debconf/passwords.dat' },
      ...absent('/var/cache/debconf/passwords.dat-old'),
    ],
  },
];
