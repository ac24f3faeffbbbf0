# The packages as the host has unpacked them: a read-only disk with one tar archive for each stage of the base system.
# Sourced by the debootstrap script `ingot`; ../README.md has the format.

# The disk, when there is one: `/dev/vdb`.
unpacked_disk() {
	for serial in /sys/block/vd*/serial; do
		[ -e "$serial" ] && [ "$(cat "$serial")" = ingot-unpacked ] || continue
		serial=${serial#/sys/block/}
		echo "/dev/${serial%/serial}"
		return 0
	done
	return 1
}

# lay_out STAGE: copies the files of a stage's packages. The index is in the last 4 KiB: STAGE FIRST-MIB, a line each.
lay_out() {
	disk=$(unpacked_disk)
	sectors=$(cat "/sys/block/${disk##*/}/size")
	first=$(dd if="$disk" bs=4096 skip=$((sectors / 8 - 1)) count=1 2> /dev/null | awk -v stage="$1" '$1 == stage { print $2 }')
	[ -n "$first" ] || error 1 NOSTAGE "The unpacked packages have no stage %s" "$1"
	# dd moves on in the file that tar reads from then.
	(dd bs=1048576 skip="$first" count=0 2> /dev/null && tar -x -C "$TARGET") < "$disk" ||
		error 1 LAYOUT "The packages of stage %s could not be laid out" "$1"
}

# register STAGE: dpkg learns what it has, as unpacked.
register() {
	from=$TARGET/debootstrap/unpacked
	mkdir -p "$TARGET/var/lib/dpkg/triggers" "$TARGET/var/lib/dpkg/updates"
	echo 1 > "$TARGET/var/lib/dpkg/info/format"
	cat "$from/status" >> "$TARGET/var/lib/dpkg/status"
	for file in "$from/triggers"/*; do
		[ ! -e "$file" ] || cat "$file" >> "$TARGET/var/lib/dpkg/triggers/${file##*/}"
	done
	rm -rf "$from/status" "$from/triggers"
	mkdir -p "$from/triggers"
}

# run_preinsts PACKAGE…: as dpkg does for a package that was never there, from where dpkg does it (deb-preinst(5)).
run_preinsts() {
	ci=/var/lib/dpkg/tmp.ci
	dpkg_version=$(awk '$2 == "dpkg" { print $3 }' "$LIST")
	for package in "$@"; do
		from=$TARGET/debootstrap/unpacked/preinst/$package
		[ -e "$from" ] || continue
		mv "$from" "$TARGET$ci"
		in_target env DPKG_MAINTSCRIPT_PACKAGE="$package" DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1 DPKG_MAINTSCRIPT_ARCH="$ARCH" \
			DPKG_MAINTSCRIPT_NAME=preinst DPKG_RUNNING_VERSION="$dpkg_version" DPKG_ADMINDIR=/var/lib/dpkg DPKG_ROOT= \
			PERL_DL_NONLAZY=1 $ci/preinst install < /dev/null || error 1 PREINST "The preinst script of %s failed" "$package"
		rm -rf "$TARGET$ci"
	done
}
