/** Mistakes to put into the installation guide's example: an edit of one place, and where it has to be found. */

interface Mistake {
  readonly name: string;
  readonly from: RegExp;
  readonly to: string;
  readonly rule: string;
  /** Lines from the beginning of the match to the finding. */
  readonly at?: number;
}

const of = (name: string, from: RegExp, to: string, rule: string, at?: number): Mistake => ({
  name,
  from,
  to,
  rule: `preseed/${rule}`,
  ...(at !== undefined && { at }),
});

/** The rest of an account. */
const USER = `d-i passwd/user-fullname string Anna
d-i passwd/user-password-crypted password *
d-i passwd/root-login boolean false`;

export const MISTAKES: readonly Mistake[] = [
  of('a question misspelled', /^d-i netcfg\/choose_interface/m, 'd-i netcfg/choose_interfce', 'unknown-question'),
  of('another question misspelled', /^d-i time\/zone/m, 'd-i time/zon', 'unknown-question'),
  of(
    'a hyphen for an underscore',
    /^d-i partman-md\/device_remove_md/m,
    'd-i partman-md/device-remove-md',
    'unknown-question',
  ),
  of('a prefix misspelled', /^d-i grub-installer\/only_debian/m, 'd-i grub-instaler/only_debian', 'unknown-question'),
  of('yes for true', /^(d-i clock-setup\/utc boolean) true/m, '$1 yes', 'boolean-value'),
  of('a capital', /^(d-i clock-setup\/ntp boolean) true/m, '$1 True', 'boolean-value'),
  of('a boolean without value', /^(d-i partman-lvm\/confirm boolean) true/m, '$1', 'boolean-value'),
  of('the type left out', /^d-i clock-setup\/utc boolean true/m, 'd-i clock-setup/utc true', 'unknown-type'),
  of('the type misspelled', /^d-i time\/zone string/m, 'd-i time/zone sting', 'unknown-type'),
  of('another type', /^d-i clock-setup\/utc boolean/m, 'd-i clock-setup/utc string', 'wrong-type'),
  of('only two words', /^d-i mirror\/http\/proxy string/m, 'd-i mirror/http/proxy', 'incomplete-line'),
  of('a short name', /^d-i netcfg\/get_hostname/m, 'd-i hostname', 'short-name'),
  of('no choice', /^#(d-i pkgsel\/upgrade select) none/m, '$1 nothing', 'unknown-choice'),
  of('no choice of mount styles', /^#(d-i partman\/mount_style select) uuid/m, '$1 uid', 'unknown-choice'),
  of('no keymap', /^(d-i keyboard-configuration\/xkb-keymap select) us/m, '$1 english', 'unknown-choice'),
  of('no service', /^#(d-i apt-setup\/services-select multiselect) .*/m, '$1 securty', 'unknown-choice'),
  of('no locale', /^(d-i debian-installer\/locale string) en_US/m, '$1 en-us', 'locale'),
  of('no time zone', /^(d-i time\/zone string) US\/Eastern/m, '$1 Europe/Brelin', 'time-zone'),
  of('no host name', /^(d-i netcfg\/get_hostname string) .*/m, '$1 my_host', 'hostname'),
  of('no address', /^#(d-i netcfg\/get_ipaddress string) .*/m, '$1 192.168.1.420', 'address'),
  of('no netmask', /^#(d-i netcfg\/get_netmask string) .*/m, '$1 255.0.255.0', 'address'),
  of('no number of seconds', /^#(d-i netcfg\/dhcp_timeout string) .*/m, '$1 one minute', 'seconds'),
  of('a URL as host', /^(d-i mirror\/http\/hostname string) /m, '$1 http://', 'mirror-address'),
  of('a directory without slash', /^(d-i mirror\/http\/directory string) \//m, '$1 ', 'mirror-address'),
  of('a proxy without scheme', /^(d-i mirror\/http\/proxy string)/m, '$1 proxy:3128', 'mirror-address'),
  of('one password only', /^#(d-i network-console\/password password r00tme)/m, '$1', 'password-again'),
  of(
    'two different passwords',
    /^#(d-i network-console\/password password r00tme)\n#(d-i .*) r00tme/m,
    '$1\n$2 root',
    'password-again',
    1,
  ),
  of('no method', /^(d-i partman-auto\/method string) lvm/m, '$1 lvn', 'partman-value'),
  of(
    'not finished',
    /^(d-i partman\/choose_partition select) finish\n(?=d-i partman\/confirm boolean true\nd-i partman\/confirm_nooverwrite boolean true\n\n# Force)/m,
    '$1 finsh\n',
    'partman-value',
  ),
  of('no size', /^(d-i partman-auto-lvm\/guided_size string) max/m, '$1 everything', 'partman-value'),
  of('no path of a disk', /^#(d-i partman-auto\/disk string) \/dev\/sda$/m, '$1 sda', 'device'),
  of('no boot device', /^#(d-i grub-installer\/bootdev {2}string) default/m, '$1 defualt', 'device'),
  of('answered twice', /^(d-i time\/zone string) US\/Eastern/m, '$1 US/Eastern\n$1 UTC', 'duplicate-answer', 1),
  of('a quoted value', /^(d-i netcfg\/get_domain string) (.*)/m, '$1 "$2"', 'quoted-value'),
  of('a comment after a value', /^(d-i netcfg\/get_hostname string .*)/m, '$1 # for now', 'comment-in-value'),
  of(
    'an open quote',
    /^#(d-i preseed\/late_command string) apt-install zsh/m,
    "$1 echo 'apt-install zsh",
    'command-quotes',
  ),
  of('a blank after a backslash', /^(d-i time\/zone string) US\/Eastern/m, '$1 \\ \n  US/Eastern', 'backslash-blank'),
  of('a backslash too many', /^(d-i clock-setup\/utc boolean true)\n/m, '$1 \\\n', 'swallowed-line', 4),
  of('no user name', /^#(d-i passwd\/username string) debian/m, `$1 Debian\n${USER}`, 'username'),
  of('a system user', /^#(d-i passwd\/username string) debian/m, `$1 admin\n${USER}`, 'username'),
  of(
    'no hash',
    /^#(d-i passwd\/root-password-crypted password) .*/m,
    '$1 secret\nd-i passwd/make-user boolean false',
    'password-hash',
  ),
  of('no such language', /^(d-i debian-installer\/locale string) en_US/m, '$1 xx_US', 'locale'),
  of('no such country', /^(d-i debian-installer\/locale string) en_US/m, '$1 en_UX', 'locale'),
  of('a country by another name', /^(d-i debian-installer\/locale string) en_US/m, '$1 en_UK', 'locale'),
  of('no value', /^(d-i partman-auto\/method string) lvm/m, '$1', 'empty-value'),
  of('no value of a time zone', /^(d-i time\/zone string) .*/m, '$1', 'empty-value'),
  of('no confirmation', /^(d-i partman-lvm\/confirm boolean) true/m, '$1 false', 'refused-confirmation'),
  of('a partition for a disk', /^#(d-i partman-auto\/disk string) \/dev\/sda$/m, '$1 /dev/sda1', 'device'),
  of('more than all', /^(d-i partman-auto-lvm\/guided_size string) max/m, '$1 120%', 'partman-value'),
  of(
    'no volume group',
    /^(d-i partman-auto-lvm\/guided_size string max)/m,
    'd-i partman-auto-lvm/new_vg_name string vg 0\n$1',
    'partman-value',
  ),
  of('a number for a suite', /^#(d-i mirror\/suite string) .*/m, '$1 12', 'suite'),
  of('no protocol', /^#(d-i mirror\/protocol string) .*/m, '$1 htp', 'mirror-address'),
  of('tasks without commas', /^#(tasksel tasksel\/first multiselect) .*/m, '$1 standard ssh-server', 'task'),
  of('no package', /^#(d-i pkgsel\/include string) .*/m, '$1 openssh_server', 'package-name'),
  of(
    'no address of a key',
    /^#(d-i apt-setup\/local0\/key string) http:\/\/local.server\/key/m,
    '$1 key.asc',
    'repository-key',
  ),
  of(
    'no suite of a repository',
    /^(d-i clock-setup\/utc boolean true)/m,
    'd-i apt-setup/local0/repository string http://192.0.2.1/debian\n$1',
    'repository-line',
  ),
  of(
    'two answers in a line',
    /^(d-i clock-setup\/utc boolean true)\n/m,
    '$1 d-i clock-setup/ntp boolean true\n',
    'swallowed-line',
  ),
  of(
    'nothing after an operator',
    /^#(d-i preseed\/late_command string) apt-install zsh.*/m,
    '$1 apt-install zsh &&',
    'command-quotes',
  ),
  of(
    'an open substitution',
    /^#(d-i preseed\/late_command string) apt-install zsh.*/m,
    '$1 apt-install $(cat list',
    'command-quotes',
  ),
  of('a carriage return', /^(d-i clock-setup\/utc boolean true)/m, '$1\r', 'crlf'),
  of('a no-break space', /^(d-i) (clock-setup\/ntp boolean true)/m, '$1\u00a0$2', 'odd-character'),
];
