/** Whole kickstart files as people write them, each valid for its release. */
import type { KickstartRelease } from '../../src/lint/kickstart/release.ts';

export const HASH = `$6$saltsalt$${'a'.repeat(86)}`;
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq5u5bq7YBJfPzXKyRgkq3HyOQcs0bSgkZ9bmJ2e0cR someone';

const LVM = `# A web server with LVM
text
url --url="http://192.0.2.1/os/BaseOS/x86_64/os/"
repo --name=AppStream --baseurl=http://192.0.2.1/os/AppStream/x86_64/os/
lang en_US.UTF-8 --addsupport=de_DE.UTF-8,fr_FR.UTF-8
keyboard --vckeymap=us --xlayouts='us','de (nodeadkeys)' --switch='grp:alt_shift_toggle'
network --bootproto=static --device=ens192 --ip=192.0.2.10 --netmask=255.255.255.0 --gateway=192.0.2.1 --nameserver=192.0.2.2,192.0.2.3 --ipv6=auto --activate
network --hostname=web.example.org
rootpw --iscrypted ${HASH}
user --name=deploy --groups=wheel,"systemd-journal" --gecos="Deploy User" --iscrypted --password=${HASH}
sshkey --username=deploy "${KEY}"
timezone America/New_York --utc
selinux --enforcing
firewall --enabled --service=ssh,http --port=8443:tcp,6000-6010:udp
services --enabled=sshd,chronyd --disabled="kdump"
skipx
firstboot --disabled
ignoredisk --only-use=sda,nvme0n1
zerombr
clearpart --all --initlabel --drives=sda
bootloader --location=mbr --boot-drive=sda --append="crashkernel=auto rhgb quiet" --iscrypted --password=grub.pbkdf2.sha512.10000.AA.BB
part /boot --fstype="xfs" --size=1024 --ondisk=sda
part /boot/efi --fstype=efi --size=600 --fsoptions="umask=0077,shortname=winnt" --ondisk sda
part pv.01 --fstype="lvmpv" --grow --size=1 --ondisk=/dev/disk/by-id/ata-disk_1
volgroup vg0 --pesize=4096 pv.01
logvol none --thinpool --metadatasize=16 --chunksize=64 --size=10240 --grow --name=pool --vgname=vg0
logvol / --fstype=xfs --thin --poolname=pool --size=8192 --name=root --vgname=vg0
logvol /var --fstype=xfs --percent=50 --name=var --vgname=vg0 --fsoptions="nodev,nosuid"
logvol swap --fstype=swap --recommended --name=swap --vgname=vg0
reboot --eject

%packages --ignoremissing
@^minimal-environment
@core --nodefaults
-@guest-desktop-agents
vim-enhanced
kernel-devel # for drivers
perl(File::Copy)
-iwl*-firmware
%end

%addon com_redhat_kdump --enable --reserve-mb='auto'
%end

%pre --interpreter=/usr/bin/bash --log=/tmp/pre.log
#!/bin/bash
for disk in /sys/block/sd*; do
  printf '%s\\n' "\${disk##*/}"
done
cat <<'EOT'
%notasection
EOT
%end

%post --erroronfail --logfile /root/post.log
echo "it's done" # with a quote "
%end

%post --nochroot
cp /etc/resolv.conf /mnt/sysimage/etc/resolv.conf
%end
`;

const RAID = `#version=RHEL9
cdrom
cmdline
lang de_DE.UTF-8
keyboard de
timezone Europe/Berlin --utc
timesource --ntp-pool=pool.ntp.org
timesource --ntp-server ntp.example.org --nts
network --bootproto=dhcp --device=link --onboot=yes
network --device=bond0 --bondslaves=eth1,eth2 --bondopts=mode=active-backup,primary=eth1 --bootproto=dhcp
network --device=bond0 --vlanid=171 --interfacename=vlan171 --noipv6 --bootproto=static --ip=198.51.100.5 --netmask=255.255.255.128
rootpw --lock
user --name=admin --lock
authselect select sssd with-mkhomedir
clearpart --drives=sda,sdb --all
part biosboot --fstype=biosboot --size=1 --ondisk=sda
part biosboot --fstype=biosboot --size=1 --ondisk=sdb
part raid.01 --size=1024 --ondisk=sda
part raid.02 --size=1024 --ondisk=sdb
part raid.11 --size=1 --grow --ondisk=sda
part raid.12 --size=1 --grow --ondisk=sdb
raid /boot --level=RAID1 --device=boot --fstype=ext4 raid.01 raid.02
raid pv.01 --level=1 --device=pv00 raid.11 raid.12 --encrypted --luks-version=luks2 --passphrase=secret
volgroup system pv.01 --reserved-percent=10
logvol / --vgname=system --name=root --size=10000 --fstype ext4
logvol swap --vgname=system --name=swap --hibernation
bootloader --timeout=5
firewall --disabled
selinux --permissive
%packages --exclude-weakdeps --inst-langs=de
%include /tmp/packages.ks
%end
%pre
echo vim > /tmp/packages.ks
%end
poweroff
`;

export const CLEAN: readonly (readonly [string, readonly KickstartRelease[], string])[] = [
  ['a server with LVM', ['rhel-8', 'rhel-9', 'rhel-10', 'fedora', 'fedora-41'], LVM],
  ['arrays and time sources', ['rhel-9', 'rhel-10', 'fedora', 'fedora-40'], RAID],
  [
    'RHEL 8 as it was written for RHEL 7',
    ['rhel-8'],
    `install\nauth --enableshadow --passalgo=sha512\n${LVM.replace('timezone America/New_York --utc', 'timezone America/New_York --isUtc --ntpservers=0.example.org,1.example.org')}%anaconda\npwpolicy root --minlen=6 --notstrict\n%end\n`,
  ],
  [
    'Fedora with Btrfs',
    ['fedora', 'fedora-42'],
    'text\nlang C.UTF-8\nkeyboard us\ntimezone Etc/UTC --utc\nrootpw --lock\nuser --name=me --plaintext --password=x\nclearpart --all\npart btrfs.01 --size=6000\npart btrfs.02 --size=6000\nbtrfs none --data=0 --metadata=1 --label=f btrfs.01 btrfs.02\nbtrfs / --subvol --name=root LABEL=f\nbtrfs /home --subvol --name=home f\nbootloader --sdboot\nreboot\n%packages\n@core\n%end\n',
  ],
  [
    'an image from a container',
    ['rhel-9', 'rhel-10', 'fedora'],
    'text\nostreecontainer --url=quay.io/example/os:latest --transport=registry --no-signature-verification\nautopart --type=plain --fstype=xfs --noswap\nclearpart --all --initlabel --disklabel=gpt\nnetwork --bootproto=dhcp --device=link --activate\nsshkey --username=root "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKq5u5bq7YBJfPzXKyRgkq3HyOQcs0bSgkZ9bmJ2e0cR"\nrootpw --lock\nreboot\n',
  ],
  [
    'partitions that %pre works out',
    ['rhel-8', 'rhel-9', 'rhel-10', 'fedora'],
    'text\nlang en_US\nkeyboard us\ntimezone UTC --utc\nrootpw --lock\nzerombr\n%include /tmp/part.ks\nlogvol / --vgname=elsewhere --name=root --size=1\nreboot\n%pre\necho autopart > /tmp/part.ks\n%end\n',
  ],
  [
    'a part that others include',
    ['rhel-8', 'rhel-9', 'rhel-10', 'fedora'],
    'lang en_US.UTF-8\ntimezone US/Eastern\n%packages\nvim\n%end\n',
  ],
  [
    'an interactive installation',
    ['rhel-8', 'rhel-9', 'rhel-10', 'fedora'],
    'graphical\nlang en_US.UTF-8\nkeyboard us\nurl --mirrorlist=https://example.org/list?a=b&c=d\nnetwork --bootproto=dhcp\n',
  ],
];
