#!/bin/sh
# A generator of systemd (systemd.generator(7)), in a machine that is being built only; sealing removes it. systemd waits 90 s for
# a disk, which an emulated machine on a busy host does not always keep: the boot would end in emergency mode. What an fstab
# says of a device's timeout still holds.
[ "$(systemd-detect-virt)" = qemu ] || exit 0
mkdir -p "$1/device.d"
printf '[Unit]\nJobRunningTimeoutSec=15min\n' > "$1/device.d/10-ingot-patience.conf"
