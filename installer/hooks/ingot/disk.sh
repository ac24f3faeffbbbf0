# Disks, partitions and file systems, as the hooks read and set them. Sourced by busybox sh, after lib.sh.

# part DISK NUMBER: /dev/vda1, /dev/nvme0n1p1
part() {
	case $1 in
	*[0-9]) echo "${1}p$2" ;;
	*) echo "$1$2" ;;
	esac
}

# mounted_on FOLDER: the device that is mounted there, /dev/vda3; nothing when none is.
mounted_on() {
	device=$(awk -v point="$1" '$2 == point && $1 ~ "^/dev/" { found = $1 } END { print found }' /proc/mounts)
	[ -z "$device" ] || readlink -f "$device"
}

# One form whoever wrote it: partman pads its columns, and says on which disk of this machine each file system was.
# file_systems FSTAB HOW [mirrored]: with `grow`, systemd-growfs makes root's file system as large as its partition. On
# mirrored disks the EFI system partition is one disk's alone: the machine starts without it when that disk is lost.
file_systems() {
	awk -v grow="$2" -v disks="${3-}" '
		BEGIN { print "# /etc/fstab: static file system information; see fstab(5)." }
		/^[ \t]*(#|$)/ || NF < 4 { next }
		$2 == "/" && grow == "grow" && $4 !~ /x-systemd\.growfs/ { $4 = $4 ",x-systemd.growfs" }
		$2 == "/boot/efi" && disks == "mirrored" && $4 !~ /(^|,)nofail(,|$)/ { $4 = $4 ",nofail" }
		{ print $1, $2, $3, $4, $5 == "" ? 0 : $5, $6 == "" ? 0 : $6 }' "$1" > $INGOT_STATE/fstab
	grep -q '^[^#]* / ' $INGOT_STATE/fstab || fail system "no line of /etc/fstab says what / is"
	cat $INGOT_STATE/fstab > "$1"
}

# without_drives FSTAB: takes out the drives that the medium was in. Only when nothing calls apt any more: it mounts the
# medium by that line, and asks for it for ever where there is none.
without_drives() {
	awk '$2 !~ "^/media/"' "$1" > $INGOT_STATE/fstab
	cat $INGOT_STATE/fstab > "$1"
}

# set_type PARTITION GUID DOS-TYPE: a partition's type in its table. Nothing happens to a logical volume or an array.
set_type() {
	path=$(readlink -f "/sys/class/block/${1##*/}")
	[ -e "$path/partition" ] || return 0
	disk=/dev/$(basename "${path%/*}")
	case $(blkid -p -s PTTYPE -o value "$disk") in
	gpt) type=$2 ;;
	*) type=$3 ;;
	esac
	[ -n "$type" ] || return 0
	number=$(cat "$path/partition")
	in_chroot sfdisk --quiet --no-reread --no-tell-kernel --force --part-type "$disk" "$number" "$type"
}
