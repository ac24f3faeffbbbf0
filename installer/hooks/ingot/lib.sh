# What Ingot's hooks share: settings, the log, and one way to fail. Sourced by busybox sh.
# On the installer's own root, since /run is emptied before the end and lent to the installed system meanwhile.
INGOT_STATE=/var/lib/ingot

# setting KEY DEFAULT: the value in /ingot/settings, or DEFAULT. Lines are `key=value`, read, never sourced.
setting() {
	value=$(sed -n "s/^$1=//p" /ingot/settings 2>/dev/null | head -n 1)
	printf '%s' "${value:-$2}"
}

# Lines of the protocol in ../README.md: WORD and the rest.
say() { logger -t ingot "$*"; }

# fail CODE TEXT: names the reason on the log port and on the console, and leaves the installer waiting, so that a
# person sees the text and a build ends the machine. Nothing is guessed and nothing goes on.
fail() {
	say "failure $*"
	printf '\n*** ingot: %s\n' "$*" > /dev/console
	while :; do sleep 3600; done
}

# The installed system, with what grub-install and update-initramfs need to see of this machine.
in_chroot() { log-output -t ingot chroot /target /usr/bin/env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

# Makes up for what the debootstrap script put off: from here on the medium is apt's source. Only what names apt needs
# it: apt-install, pkgsel/include, a user's command.
apt_ready() {
	[ -e /var/lib/ingot/apt-put-off ] || return 0
	rm -f /var/lib/ingot/apt-put-off
	apt_stubs_away
	echo 'Acquire::Languages "none";' > /target/etc/apt/apt.conf.d/00ingot-installer
	in_chroot apt-cdrom add < /dev/null || true
	in_chroot apt-get update || true
}

apt_stubs_away() {
	rm -f /target/usr/sbin/apt-cdrom /target/usr/sbin/apt-get
}

# The medium's root. pkgsel and apt-install let go of /cdrom where it is in a drive.
medium_root() {
	if [ -e /cdrom/.disk/info ]; then
		echo /cdrom
		return 0
	fi
	root=$INGOT_STATE/medium
	if ! [ -e $root/.disk/info ]; then
		mkdir -p $root
		db_get cdrom-detect/cdrom_device && [ -n "$RET" ] && mount -t iso9660 -o ro "$RET" $root 2> /dev/null || return 1
	fi
	echo $root
}

# The repository that the recipe adds to the medium, apt's source for as long as the installation lasts; false without
# one.
EXTRA=media/ingot-packages
EXTRA_SOURCE=etc/apt/sources.list.d/ingot-packages.sources

extra_source() {
	[ "$(setting added_packages no)" = yes ] || return 1
	from=$(medium_root)/ingot/packages
	[ -e "$from/key.gpg" ] || fail system "the medium with the packages that the recipe adds cannot be found any more"
	apt_ready
	mkdir -p /target/$EXTRA
	mount -o bind "$from" /target/$EXTRA
	printf '%s\n' 'Types: deb' "URIs: file:/$EXTRA" 'Suites: ingot' 'Components: main' "Signed-By: /$EXTRA/key.gpg" \
		'Languages: none' 'Check-Valid-Until: no' 'Check-Date: no' > /target/$EXTRA_SOURCE
	in_chroot apt-get -o Dir::Etc::SourceList=/$EXTRA_SOURCE -o Dir::Etc::SourceParts=- -o APT::Get::List-Cleanup=0 \
		-o APT::Update::Error-Mode=any update || fail system "apt does not take the packages that the recipe adds"
}

extra_source_away() {
	umount /target/$EXTRA 2>/dev/null
	umount $INGOT_STATE/medium 2>/dev/null
	rmdir /target/$EXTRA 2>/dev/null
	rm -f /target/$EXTRA_SOURCE /target/var/lib/apt/lists/_media_ingot-packages_*
}
