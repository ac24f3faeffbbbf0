# What a machine is called, how it is spoken to and where it stands, in place before the first package is configured:
# scripts of packages write down what they see of it (a mail name, a directory's suffix, the names in a certificate, the
# locale and time zone of a database). Sourced by busybox sh.

# A mail server looks for an interface before anything else, many for localhost; without a network in the installer, nothing has
# brought up the one that every machine has.
loopback_up() { ip link set lo up 2> /dev/null || true; }

# write_identity TARGET: from /ingot/target, which is copied whole at the end, and from the settings.
write_identity() {
	loopback_up
	mkdir -p "$1/etc/default"
	for file in hostname hosts default/keyboard; do
		[ ! -e "/ingot/target/etc/$file" ] || cp "/ingot/target/etc/$file" "$1/etc/$file"
	done
	# hostname(1) in a chroot asks the kernel.
	[ ! -e /ingot/target/etc/hostname ] || hostname "$(cat /ingot/target/etc/hostname)"
	write_locale "$1" "$(identity_setting locale)"
	zone=$(identity_setting timezone)
	[ -n "$zone" ] || return 0
	ln -sf "/usr/share/zoneinfo/$zone" "$1/etc/localtime"
	echo "$zone" > "$1/etc/timezone"
}

# write_locale TARGET NAME: which locale is made when `locales` is configured, and which is the system's. validlocale and
# locale.gen speak of `de_DE.UTF-8 UTF-8`. Debian 13 keeps the setting in /etc/locale.conf, and a link in its old place.
write_locale() {
	[ -n "$2" ] || return 0
	charmap=${2#*.}
	[ "$charmap" != "$2" ] || charmap=ISO-8859-1
	case $2 in C.* | POSIX | C) ;; *) echo "$2 ${charmap%@*}" > "$1/etc/locale.gen" ;; esac
	case $(sed -n 's/^VERSION_ID="\(.*\)"$/\1/p' "$1/usr/lib/os-release" 2>/dev/null) in
	11 | 12) echo "LANG=$2" > "$1/etc/default/locale" ;;
	*)
		echo "LANG=$2" > "$1/etc/locale.conf"
		ln -sf ../locale.conf "$1/etc/default/locale"
		;;
	esac
}

identity_setting() { sed -n "s/^$1=//p" /ingot/settings 2>/dev/null | head -n 1; }
