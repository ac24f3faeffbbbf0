/**
 * The scripts around the seal operations. Before them, everything that writes is stopped; after them, the machine
 * goes down without a normal shutdown, which would write journal, random seed and leases again.
 */

import { DOOR } from '../../access/access.ts';

/** Services that carry the connection; they stay to the last: the build's own way in, and what SSH by the network needs. */
const CARRIERS = `(${DOOR}|ssh|sshd|systemd-networkd|networking|NetworkManager|systemd-resolved|dhcpcd|ifup|wpa_supplicant)`;

/**
 * Only services with a running process are stopped: a unit that is merely "active" may hold a volume or a mount. What
 * refuses to stop is killed in the end.
 */
export const STOP_SCRIPT = `
command -v systemctl >/dev/null || exit 0
units() { systemctl list-units --plain --no-legend --no-pager "$@" | awk '{ print $1 }' | grep -Ev '^${CARRIERS}(@.*)?\\.' ; }
systemctl stop $(units --type=timer,path,socket --state=active) 2>&1 || true
systemctl stop $(units --type=service --state=running) 2>&1 || true
# Some refuse a stop by hand (auditd), and would write on.
auditctl -e 0 -f 1 >/dev/null 2>&1 || true
for unit in $(units --type=service --state=running); do systemctl kill --signal=TERM "$unit" 2>&1 || true; done`;

/**
 * Runs detached from SSH. Prints to the console, which the build keeps as serial.log. When a file system cannot be
 * made read-only the machine stays on, and the build ends with the limit for power-off instead of a dirty image.
 */
export const finalScript = (again: string): string => `
trap '' HUP TERM INT
units() { systemctl list-units --plain --no-legend --no-pager "$@" | awk '{ print $1 }'; }
say() { echo "ingot-seal: $*" > /dev/console 2>/dev/null || true; }
writable() { awk '$1 ~ "^/dev/" && $4 ~ /^rw(,|$)/ { print $2 }' /proc/mounts | sort -r; }
sleep 1
# What is only killed may come back: sshd would, and would have new host keys made for it.
systemctl stop $(units --type=socket --state=active) 2>/dev/null
systemctl stop $(units --type=service --state=running) 2>/dev/null
kill -s KILL -- -1
sleep 1
for exe in /proc/[0-9]*/exe; do
  pid=\${exe#/proc/}; pid=\${pid%/exe}
  [ "$pid" != 1 ] && [ "$pid" != $$ ] && target=$(readlink "$exe") || continue
  case $target in */readlink) ;; *) say "still running: $target" ;; esac
done
${again}
sync
for mount in $(writable); do mount -o remount,ro "$mount" 2>/dev/null; done
if [ -n "$(writable)" ]; then
  echo u > /proc/sysrq-trigger
  for second in 1 2 3 4 5 6 7 8 9 10; do [ -z "$(writable)" ] && break; sleep 1; done
fi
if [ -n "$(writable)" ]; then
  say "cannot be made read-only: $(writable | tr '\\n' ' ')"
  exit 1
fi
say "file systems are read-only, power off"
systemctl poweroff --force --force 2>/dev/null || poweroff -f 2>/dev/null
echo o > /proc/sysrq-trigger
`;
