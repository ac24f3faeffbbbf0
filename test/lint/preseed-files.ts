/** Whole preseed files that install, written for the tests: they must be clean. */

const ROOT = '$1$abcdefgh$irWbblnpmw.5z7wgBnprh0';
const HASH = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';

const HEAD = `#_preseed_V1
d-i debian-installer/locale string en_US.UTF-8
d-i keyboard-configuration/xkb-keymap select us
`;
const MIRROR = `d-i mirror/country string manual
d-i mirror/http/hostname string mirror.example.org
d-i mirror/http/directory string /debian
d-i mirror/http/proxy string
`;
const ACCOUNTS = `d-i passwd/root-login boolean false
d-i passwd/user-fullname string Anna Example
d-i passwd/username string anna
d-i passwd/user-password-crypted password ${HASH}
`;
const CLOCK = `d-i clock-setup/utc boolean true
d-i time/zone string Europe/Berlin
d-i clock-setup/ntp boolean true
`;
const FINISH = `tasksel tasksel/first multiselect standard, ssh-server
d-i pkgsel/include string openssh-server sudo
d-i pkgsel/upgrade select full-upgrade
popularity-contest popularity-contest/participate boolean false
d-i grub-installer/only_debian boolean true
d-i grub-installer/bootdev string default
d-i finish-install/reboot_in_progress note
`;
const CONFIRM = `d-i partman-partitioning/confirm_write_new_label boolean true
d-i partman/choose_partition select finish
d-i partman/confirm boolean true
d-i partman/confirm_nooverwrite boolean true
`;
const LVM = `d-i partman-lvm/device_remove_lvm boolean true
d-i partman-lvm/confirm boolean true
d-i partman-lvm/confirm_nooverwrite boolean true
`;

export interface CleanFile {
  readonly release: string;
  readonly text: string;
}

export const CLEAN: Readonly<Record<string, CleanFile>> = {
  'RAID by numbers, LVM on it, odd ways to write': {
    release: '13',
    text: `${HEAD}${MIRROR}${ACCOUNTS}${CLOCK}d-i\tpartman-auto/method\tstring raid
d-i partman-auto/disk string /dev/sda /dev/sdb
d-i partman-auto-raid/recipe string \\
  1 2 0 ext4 /boot raidid=1 . \\
  1 2 0 lvm - raidid=2 .
d-i partman-auto/expert_recipe string two :: \\
  1 1 1 free $gptonly{ } $bios_boot{ } method{ biosgrub } . \\
  1024 1024 1024 raid $primary{} $lvmignore{ } method{ raid } raidid{ 1 } . \\
  2048 9999 -1 raid $lvmignore{ } method{ raid } raidid{ 2 } . \\
  4096 4096 4096 ext4 $defaultignore $lvmok{ } lv_name{ root } \\
    method{ format } format{ } use_filesystem{ } filesystem{ ext4 } \\
    options/noatime{ noatime } mountpoint{ / } .
d-i partman-md/device_remove_md boolean true
d-i partman-md/confirm boolean true
d-i partman-md/confirm_nooverwrite boolean true
${LVM}${CONFIRM}d-i partman-basicfilesystems/no_swap boolean false
apt-mirror-setup apt-setup/use_mirror boolean true
d-i apt-setup/local0/repository string deb [arch=amd64] http://192.0.2.1/debian trixie main
d-i apt-setup/local0/key string base64://LS0tLS0=
${FINISH}d-i preseed/late_command string \\
  in-target sh -c 'echo "a b" > /etc/motd'; \\
  #in-target reboot; \\
  #true
`,
  },
  'BIOS, one file system': {
    release: '12',
    text: `${HEAD}d-i netcfg/choose_interface select auto
d-i netcfg/get_hostname string web1
d-i netcfg/get_domain string example.org
${MIRROR}${ACCOUNTS}${CLOCK}d-i partman-auto/disk string /dev/vda
d-i partman-auto/method string regular
d-i partman-auto/choose_recipe select atomic
${CONFIRM}d-i apt-setup/non-free-firmware boolean false
d-i apt-setup/services-select multiselect security, updates
${FINISH}d-i debian-installer/exit/poweroff boolean true
`,
  },
  'UEFI with a recipe on LVM': {
    release: '13',
    text: `${HEAD}${MIRROR}${ACCOUNTS}${CLOCK}d-i partman-auto/method string lvm
d-i partman-auto-lvm/guided_size string max
d-i partman-auto-lvm/new_vg_name string vg0
${LVM}d-i partman-efi/non_efi_system boolean true
d-i partman-partitioning/choose_label select gpt
d-i partman-partitioning/default_label string gpt
d-i partman-auto/expert_recipe string                  \\
  server ::                                            \\
    538 538 1075 free                                  \\
      $iflabel{ gpt }  $reusemethod{ }                 \\
      method{ efi }  format{ }                         \\
    .                                                  \\
    512 1024 1024 ext4                                 \\
      $defaultignore{ }                                \\
      method{ format } format{ }                       \\
      use_filesystem{ } filesystem{ ext4 }             \\
      label{ boot } mountpoint{ /boot }                \\
    .                                                  \\
    4000 20000 -1 $default_filesystem                  \\
      $lvmok{ } lv_name{ root }                        \\
      method{ format } format{ }                       \\
      use_filesystem{ } $default_filesystem{ }         \\
      options/noatime{ noatime } mountpoint{ / }       \\
    .                                                  \\
    100% 1024 200% linux-swap                          \\
      $lvmok{ } lv_name{ swap }                        \\
      method{ swap } format{ }                         \\
    .
${CONFIRM}${FINISH}`,
  },
  'encrypted LVM': {
    release: '11',
    text: `${HEAD}${MIRROR}d-i passwd/make-user boolean false
d-i passwd/root-password-crypted password ${ROOT}
${CLOCK}d-i partman-auto/method string crypto
d-i partman-auto/choose_recipe select multi
d-i partman-auto-lvm/guided_size string 90%
d-i partman-auto-crypto/erase_disks boolean false
d-i partman-crypto/passphrase password not a secret
d-i partman-crypto/passphrase-again password not a secret
${LVM}${CONFIRM}${FINISH}`,
  },
  'RAID 1': {
    release: '12',
    text: `${HEAD}${MIRROR}${ACCOUNTS}${CLOCK}d-i partman-auto/method string raid
d-i partman-auto/disk string /dev/sda /dev/sdb
d-i partman-md/device_remove_md boolean true
d-i partman-auto/expert_recipe string \\
  multiraid :: \\
    1000 5000 4000 raid \\
      $primary{ } method{ raid } \\
    . \\
    64 512 300% raid method{ raid } .
d-i partman-auto-raid/recipe string \\
  1 2 0 ext4 / /dev/sda1#/dev/sdb1 . \\
  1 2 0 swap - /dev/sda5#/dev/sdb5 .
d-i partman-md/confirm boolean true
d-i partman-md/confirm_nooverwrite boolean true
${CONFIRM}${FINISH}`,
  },
  'static network, commands': {
    release: '12',
    text: `${HEAD}d-i netcfg/disable_autoconfig boolean true
d-i netcfg/get_ipaddress string 192.0.2.10
d-i netcfg/get_netmask string 255.255.255.0
d-i netcfg/get_gateway string 192.0.2.1
d-i netcfg/get_nameservers string 192.0.2.53 2001:db8::53
d-i netcfg/confirm_static boolean true
d-i netcfg/hostname string db-1
d-i hw-detect/firmware-lookup string never
${MIRROR}${ACCOUNTS}${CLOCK}d-i partman/early_command \\
  string debconf-set partman-auto/disk "$(list-devices disk | head -n1)"
d-i partman-auto/method string regular
d-i partman-auto/choose_recipe select home
${CONFIRM}d-i apt-setup/local0/repository string \\
  http://packages.example.org/debian bookworm main
d-i apt-setup/local0/comment string ours
d-i apt-setup/local0/source boolean false
d-i apt-setup/local0/key string http://packages.example.org/key.asc
postfix postfix/main_mailer_type select Internet Site
locales locales/default_environment_locale select en_US.UTF-8
${FINISH}d-i preseed/late_command string \\
  in-target sh -c 'echo "it is here" > /etc/motd'; \\
# a comment between continued lines is dropped
  in-target systemctl enable ssh && \\
  echo 'it'"'"'s done' > /target/root/done
`,
  },
  'made by templates, with an include': {
    release: '12',
    text: `# rendered by something
d-i debian-installer/locale string {{ locale }}
d-i passwd/username string <%= user %>
d-i netcfg/get_ipaddress string \${address}
d-i passwd/root-password-crypted password {{ hash }}
d-i time/zone string @ZONE@
d-i preseed/include string more.cfg
d-i partman-auto/method string regular
`,
  },
};
