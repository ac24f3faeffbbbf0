#!/bin/sh
# In the direction of CIS Debian 12, 1.1.2.
set -eu
sed -i -E '/[[:space:]]\/var\/tmp[[:space:]]/s/defaults|rw,relatime/&,nosuid,nodev,noexec/; /[[:space:]]\/home[[:space:]]/s/defaults|rw,relatime/&,nosuid,nodev/' /etc/fstab
echo 'tmpfs /dev/shm tmpfs rw,nosuid,nodev,noexec 0 0' >> /etc/fstab
cp /usr/share/systemd/tmp.mount /etc/systemd/system/
mkdir -p /etc/systemd/system/tmp.mount.d
printf '[Mount]\nOptions=mode=1777,strictatime,nosuid,nodev,noexec,size=50%%%%\n' > /etc/systemd/system/tmp.mount.d/hardened.conf
systemctl enable tmp.mount
findmnt --verify
