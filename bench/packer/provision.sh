#!/bin/sh
# What the configure steps of examples/debian-12-minimal.yaml do, and what a careful user of Packer cleans up by hand.
# Runs as root in the new system; the medium is still in the drive, and no network is needed.
set -e
export DEBIAN_FRONTEND=noninteractive
. /etc/os-release

mkdir -p /run/medium
# Packer's machine has a second, empty drive.
mount -o ro /dev/sr0 /run/medium || mount -o ro /dev/sr1 /run/medium
echo 'deb [trusted=yes check-valid-until=no check-date=no] file:/run/medium '"$VERSION_CODENAME"' main' > /run/medium.list
only='-o Dir::Etc::SourceList=/run/medium.list -o Dir::Etc::SourceParts=- -o APT::Get::List-Cleanup=0'
apt-get -q $only update
apt-get $only install -y --no-install-recommends jq
jq --version

echo "${MOTD:-Made with Packer.}" > /etc/motd

umount /run/medium
apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/installer /etc/ssh/ssh_host_*_key*
: > /etc/machine-id
fstrim --all
