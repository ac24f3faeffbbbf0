/** Seal operations for what the build's work has left behind: histories, temporary files, logs, freed blocks. */
import { absent, type SealUnit } from './unit.ts';

const HOMES = ['/root', '/home/*'];
const below = (names: readonly string[]): string[] => HOMES.flatMap((home) => names.map((name) => `${home}/${name}`));

const HISTORIES = below(['.*_history', '.lesshst', '.viminfo', '.wget-hsts', '.sudo_as_admin_successful']);
const TEMPORARY = below(['.ansible', '.cache']);

export const TRACE_UNITS: readonly SealUnit[] = [
  {
    name: 'shell-histories',
    why: 'What was typed or sent to a shell during the build is nobody’s business, and may hold secrets.',
    script: `rm -rf ${HISTORIES.join(' ')}`,
    checks: absent(...HISTORIES),
  },
  {
    name: 'temporary-files',
    why: 'Scratch files, core dumps and automatic backups of account files have no place in an image.',
    script: `
find /tmp /var/tmp -mindepth 1 -xdev -delete 2>/dev/null || true
# What is on the disk below a mount (Debian 13 has /tmp in memory) is seen without the mounts only.
mkdir -p /run/ingot/root
mount --bind / /run/ingot/root
find /run/ingot/root/tmp /run/ingot/root/var/tmp -mindepth 1 -xdev -delete 2>/dev/null || true
umount /run/ingot/root
rm -rf ${TEMPORARY.join(' ')}
rm -rf /var/lib/systemd/coredump/* /var/crash/* /var/backups/* /var/lib/systemd/timers/stamp-*`,
    checks: absent(
      '/tmp/*',
      '/var/tmp/*',
      ...TEMPORARY,
      '/var/lib/systemd/coredump/*',
      '/var/crash/*',
      '/var/backups/*',
      '/var/lib/systemd/timers/stamp-*',
    ),
  },
  {
    name: 'logs',
    why: 'A clone’s log begins with the clone. Journals and rotated logs are removed; other log files are emptied but stay, with the owners that their programs count on.',
    script: `
rm -rf /var/log/journal/*
find /var/log -xdev -type f \\( -name '*.gz' -o -name '*.xz' -o -name '*.zst' -o -name '*.[0-9]' -o -name '*.old' \\) -delete
find /var/log -xdev -type f -exec truncate -s 0 {} +
rm -f /var/lib/logrotate/status /var/lib/logrotate.status /var/mail/* /var/spool/mail/*`,
    checks: [
      { kind: 'empty-below', path: '/var/log' },
      ...absent('/var/log/journal/*', '/var/log/**/*.gz', '/var/lib/logrotate/status', '/var/mail/*'),
    ],
  },
  {
    name: 'swap-contents',
    why: 'Whatever was in memory may have been written to swap: keys, passwords, secrets of the steps.',
    script: `
swapoff -a
sed -n 's/^\\([^# ][^ \\t]*\\)[ \\t]\\{1,\\}[^ \\t]*[ \\t]\\{1,\\}swap[ \\t].*/\\1/p' /etc/fstab | while read -r name; do
  case $name in UUID=*|LABEL=*|PARTUUID=*|/dev/*) device=$(findfs "$name" 2>/dev/null || echo "$name") ;; *) continue ;; esac
  [ -b "$device" ] || continue
  uuid=$(blkid -p -s UUID -o value "$device")
  label=$(blkid -p -s LABEL -o value "$device")
  blkdiscard -f -z "$device" 2>/dev/null || dd if=/dev/zero of="$device" bs=1M 2>/dev/null || true
  mkswap \${uuid:+-U "$uuid"} \${label:+-L "$label"} "$device" >/dev/null
done`,
    checks: [{ kind: 'blank-swap' }],
  },
  {
    name: 'trim',
    why: 'Deleting is not erasing: a removed file’s blocks are still on the disk, readable for who looks, and they make the image larger. fstrim hands them back.',
    script: `
sync
fstrim -av`,
    checks: [{ kind: 'trimmed' }],
  },
];
