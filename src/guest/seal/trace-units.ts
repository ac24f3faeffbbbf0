/** Seal operations for what the build's work has left: histories, temporary files, logs, freed blocks. */
import { HOMES } from './homes-script.ts';
import { absent, type SealUnit } from './unit.ts';

const HISTORIES = [
  '.*_history',
  '.lesshst',
  '.local/state/lesshst',
  '.viminfo',
  '.vim/.netrwhist',
  '.local/state/nvim',
  '.local/share/nvim/shada',
  '.nano/*_history',
  '.local/share/nano',
  '.local/share/fish/fish_history',
  '.wget-hsts',
  '.sudo_as_admin_successful',
];
const TEMPORARY = ['.ansible', '.cache'];

const inHomes = (names: readonly string[]): string[] => names.map((name) => `~/${name}`);
const removeInHomes = (names: readonly string[]): string => `${HOMES}
homes | while IFS= read -r home; do
  if cd "$home" 2>/dev/null; then rm -rf ${names.join(' ')}; fi
done
cd /`;

/** Zeros are written: in a range that is only marked as zero, the old data is still on the disk. */
export const BLANK_SWAP_FILE = `
blank_swap_file() {
  uuid=$(blkid -p -s UUID -o value "$1" || true)
  label=$(blkid -p -s LABEL -o value "$1" || true)
  dd if=/dev/zero of="$1" bs=1M count="$(stat -c %s "$1")" iflag=count_bytes conv=notrunc,nocreat 2>/dev/null
  mkswap \${uuid:+-U "$uuid"} \${label:+-L "$label"} "$1" >/dev/null
}`;

export const TRACE_UNITS: readonly SealUnit[] = [
  {
    name: 'shell-histories',
    why: 'What was typed or sent to a shell during the build concerns nobody else, and may hold secrets.',
    script: removeInHomes(HISTORIES),
    checks: absent(...inHomes(HISTORIES)),
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
${removeInHomes(TEMPORARY)}
rm -rf /var/lib/systemd/coredump/* /var/crash/* /var/backups/* /var/lib/systemd/timers/stamp-*`,
    checks: absent(
      '/tmp/*',
      '/var/tmp/*',
      ...inHomes(TEMPORARY),
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
find /var/log -xdev -type f -exec truncate --no-create --size 0 -- {} +
rm -f /var/lib/logrotate/status /var/lib/logrotate.status
# A mail server's own folders are there too (/var/mail/vhosts): they stay, without their mail.
find /var/mail/ /var/spool/mail/ -xdev -type f -delete 2>/dev/null || true`,
    checks: [
      { kind: 'empty-below', path: '/var/log' },
      { kind: 'empty-below', path: '/var/mail' },
      ...absent('/var/log/journal/*', '/var/log/**/*.gz', '/var/lib/logrotate/status'),
    ],
  },
  {
    name: 'swap-contents',
    why: 'Whatever was in memory may have been written to swap: keys, passwords, secrets of the steps.',
    script: `${BLANK_SWAP_FILE}
files=$(awk 'NR > 1 && $2 == "file" { print $1 }' /proc/swaps)
swapoff -a
{
  printf '%s\\n' "$files"
  awk '$1 ~ "^/" && $3 == "swap" { print $1 }' /etc/fstab
  sed -n 's/^What=//p' /etc/systemd/system/*.swap 2>/dev/null || true
} | sort -u | while IFS= read -r name; do
  if [ -f "$name" ]; then blank_swap_file "$name"; fi
done
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
    why: 'Deleting is not erasing: a removed file’s blocks are still on the disk, anybody can read them, and they make the image larger. fstrim hands them back.',
    script: `
sync
fstrim -av`,
    checks: [{ kind: 'trimmed' }],
  },
];
