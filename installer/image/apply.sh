# What a recipe says of a system, applied to one that is there already. Runs in that system as root, after users.sh, identity.sh
# and time-servers.sh of ../hooks/ingot, by `sh -eu`. What is not said stays as it was. $from has:
#   settings (key=value), users, sudo, ssh/NAME, packages (with a network), apt.sources, target/ (files as they are)
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
system=
in_system() { "$@"; }
in_system_quietly() { "$@"; }
account_failed() { apply_failed "$*"; }
apply_failed() {
	echo "ingot-apply: $*" >&2
	exit 1
}
said() { sed -n "s/^$1=//p" "$from/settings" | head -n 1; }
phase() { echo "ingot-phase: $*"; }

# An image is as large as it was published; its partition was made larger from outside.
grow_root() {
	device=$(findmnt --noheadings --output SOURCE --nofsroot /)
	if command -v resize2fs > /dev/null; then
		resize2fs "$device"
	else
		grow=/usr/lib/systemd/systemd-growfs
		[ -x $grow ] || grow=/lib/systemd/systemd-growfs
		[ -x $grow ] || apply_failed "the image has neither resize2fs nor systemd-growfs to make its root larger"
		$grow /
	fi
}

package_sources() {
	rm -f /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list
	cp "$from/apt.sources" /etc/apt/sources.list.d/ingot.sources
	echo '# See sources.list.d/ingot.sources; the format is described in sources.list(5).' > /etc/apt/sources.list
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "${1%%[=/]*}" 2>/dev/null | cut -c 1-2)" = ii ]; }

packages() {
	missing=
	while read -r wish; do
		case $wish in *[=/]*) missing="$missing $wish" ;; *) is_installed "$wish" || missing="$missing $wish" ;; esac
	done < "$from/packages"
	[ -n "$missing" ] || return 0
	phase 'packages'
	apt-get -q -o APT::Update::Error-Mode=any update
	apt-get -q -y -o Dpkg::Options::=--force-confold --no-install-recommends install $missing
}

# Of a medium of the build, each in the version that was chosen for this image; nothing else is asked.
medium=/run/ingot/medium/ingot/packages
medium_packages() {
	phase 'packages'
	only="-o Dir::Etc::SourceList=/etc/apt/sources.list.d/ingot-medium.sources -o Dir::Etc::SourceParts=-"
	# shellcheck disable=SC2086,SC2046
	apt-get -q -y $only -o Dpkg::Options::=--force-confold --no-install-recommends install $(cat $medium/install)
}

host_name() {
	hostname "$(cat /etc/hostname)"
}

# write_locale speaks of a system in a folder; locale-gen makes what it has written.
locale() {
	write_locale '' "$(said locale)"
	case $(said locale) in C.* | POSIX | C) ;; *) locale-gen ;; esac
}

time_zone() {
	zone=$(said timezone)
	[ -e "/usr/share/zoneinfo/$zone" ] || apply_failed "the image has no time zone $zone: is tzdata installed?"
	ln -sf "/usr/share/zoneinfo/$zone" /etc/localtime
	echo "$zone" > /etc/timezone
}

# In a file of their own, read after the image's: its own arguments stay, its consoles give way to those that are said.
kernel_arguments() {
	words=$(said kernel_arguments)
	consoles=$(said consoles)
	if command -v update-grub > /dev/null; then
		mkdir -p /etc/default/grub.d
		{
			echo '# What the recipe says, beside what the image says.'
			if [ -n "$consoles" ]; then
				for name in GRUB_CMDLINE_LINUX GRUB_CMDLINE_LINUX_DEFAULT; do
					echo "$name=\$(printf '%s' \"\$$name\" | sed 's/\\(^\\| \\)console=[^ ]*//g')"
				done
			fi
			echo "GRUB_CMDLINE_LINUX=\"\$GRUB_CMDLINE_LINUX $(printf '%s' "$consoles $words" | sed 's/["\\$`]/\\&/g')\""
		} > /etc/default/grub.d/90-ingot.cfg
		update-grub
	elif command -v kernel-install > /dev/null && [ -d /etc/kernel ]; then
		line=$(cat /etc/kernel/cmdline 2>/dev/null || sed 's/BOOT_IMAGE=[^ ]* *//; s/initrd=[^ ]* *//g' /proc/cmdline)
		[ -z "$consoles" ] || line=$(printf '%s' "$line" | sed 's/\(^\| \)console=[^ ]*//g')
		echo "$line $consoles $words" > /etc/kernel/cmdline
		for kernel in /usr/lib/modules/*/vmlinuz /boot/vmlinuz-*; do
			[ -e "$kernel" ] || continue
			version=${kernel#/boot/vmlinuz-}
			version=${version#/usr/lib/modules/}
			kernel-install add "${version%/vmlinuz}" "$kernel"
		done
	else
		apply_failed 'the image has no update-grub and no kernel-install, so its kernel arguments cannot be changed'
	fi
}

# Clones make keys of their own at their first boot. cloud-init does so only where it finds a data source; without one sshd would
# not start. Where it does, it makes them again.
host_keys() {
	ls /etc/systemd/system/*.wants/ssh-host-keys.service > /dev/null 2>&1 && return 0
	cp "$from/ssh-host-keys.service" /etc/systemd/system/ssh-host-keys.service
	systemctl enable ssh-host-keys.service
}

grow_root
host_keys
[ ! -e "$from/apt.sources" ] || package_sources
[ ! -d "$from/target" ] || cp -R "$from/target/." /
[ -z "$(said hostname)" ] || host_name
[ ! -s $medium/install ] || medium_packages
[ ! -e "$from/packages" ] || packages
[ -z "$(said locale)" ] || locale
[ -z "$(said timezone)" ] || time_zone
[ -z "$(said ntp_servers)" ] || write_time_servers '' $(said ntp_servers)
[ ! -e "$from/users" ] || make_users "$from/users"
[ ! -e "$from/root" ] || chpasswd --encrypted < "$from/root"
authorized_keys "$from/ssh"
[ ! -e "$from/sudo" ] || sudo_rules "$from/sudo"
[ -z "$(said kernel_arguments)$(said consoles)" ] || kernel_arguments
