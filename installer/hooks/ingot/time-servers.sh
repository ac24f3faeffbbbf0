# The recipe's time servers, for the daemon that is there; they take the place of those of the package. Sourced by busybox sh.

# write_time_servers TARGET SERVER…
write_time_servers() {
	root=$1
	shift
	[ $# -gt 0 ] || return 0
	# timesyncd.conf(5)
	if [ -e "$root/lib/systemd/systemd-timesyncd" ] || [ -e "$root/usr/lib/systemd/systemd-timesyncd" ]; then
		mkdir -p "$root/etc/systemd/timesyncd.conf.d"
		printf '[Time]\nNTP=%s\n' "$*" > "$root/etc/systemd/timesyncd.conf.d/ingot.conf"
	fi
	# chrony.conf(5): a folder of sources, each file read anew by `chronyc reload sources`.
	if [ -e "$root/etc/chrony/chrony.conf" ]; then
		without_servers "$root/etc/chrony/chrony.conf"
		mkdir -p "$root/etc/chrony/sources.d"
		printf 'server %s iburst\n' "$@" > "$root/etc/chrony/sources.d/ingot.sources"
		grep -q '^sourcedir /etc/chrony/sources\.d' "$root/etc/chrony/chrony.conf" ||
			echo 'sourcedir /etc/chrony/sources.d' >> "$root/etc/chrony/chrony.conf"
	fi
	# ntp.conf(5), of ntpsec and of the older ntp; ntpd.conf(5) of openntpd.
	for file in "$root/etc/ntpsec/ntp.conf" "$root/etc/ntp.conf"; do
		[ -e "$file" ] || continue
		without_servers "$file"
		printf 'server %s iburst\n' "$@" >> "$file"
		# The package wants three that agree; with fewer of them the clock would never be set.
		[ $# -lt 3 ] || continue
		sed -i 's/^tos /#&/' "$file"
		printf 'tos minclock %s minsane 1\n' $# >> "$file"
	done
	if [ -e "$root/etc/openntpd/ntpd.conf" ]; then
		without_servers "$root/etc/openntpd/ntpd.conf"
		printf 'server %s\n' "$@" >> "$root/etc/openntpd/ntpd.conf"
	fi
}

without_servers() { sed -i 's/^\(pool\|servers*\|peer\) /#&/' "$1"; }
