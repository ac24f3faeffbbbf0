# Writes a plan (see recipe.sh) to a disk: GPT, file systems, mounts below /target, fstab with UUIDs.

write_log() { logger -t partman "$@"; }

# Types of the Discoverable Partitions Specification and of GRUB's manual ("BIOS installation").
partition_type() {
	case $1 in
	biosgrub) echo 21686148-6449-6E6F-744E-656564454649 ;;
	efi) echo C12A7328-F81F-11D2-BA4B-00A0C93EC93B ;;
	swap) echo 0657FD6D-A4AB-43C4-84E5-0933C84B4F4F ;;
	*) echo 0FC63DAF-8483-4772-8E79-3D69D8477DE4 ;;
	esac
}

# partition_device DISK NUMBER: /dev/vda1, /dev/nvme0n1p1
partition_device() {
	case $1 in
	*[0-9]) echo "${1}p$2" ;;
	*) echo "$1$2" ;;
	esac
}

# write_table DISK < PLAN
write_table() {
	{
		echo 'label: gpt'
		while IFS='|' read -r size method filesystem mountpoint label options; do
			line="type=$(partition_type "$method")"
			[ "$size" = rest ] || line="$line, size=$(((size * 1000000 + 1048575) / 1048576))MiB"
			[ -z "$label" ] || line="$line, name=\"$label\""
			echo "$line"
		done
	} | log-output -t partman sfdisk --quiet --wipe always --wipe-partitions always "$1"
	udevadm settle
}

# make_filesystem DEVICE METHOD FILESYSTEM LABEL
make_filesystem() {
	case $2:$3 in
	biosgrub:* | keep:*) return 0 ;;
	efi:*) set -- mkfs.fat -F 32 -n "${4:-EFI}" "$1" ;;
	swap:*) set -- mkswap ${4:+-L "$4"} "$1" ;;
	format:ext[234])
		set -- mke2fs -F -q -t "$3" -E lazy_itable_init=1,lazy_journal_init=1 ${4:+-L "$4"} "$1" ;;
	*) write_log "method '$2' with file system '$3' is not known here"; return 1 ;;
	esac
	log-output -t partman "$@"
}

# fstab_line DEVICE METHOD FILESYSTEM MOUNTPOINT OPTIONS
fstab_line() {
	uuid=$(blkid -s UUID -o value "$1")
	case $2 in
	efi) echo "UUID=$uuid ${4:-/boot/efi} vfat ${5:-umask=0077} 0 1" ;;
	swap) echo "UUID=$uuid none swap ${5:-sw} 0 0" ;;
	*)
		[ -n "$4" ] || return 0
		pass=2
		options=${5:-defaults}
		if [ "$4" = / ]; then
			pass=1
			options=${5:+$5,}errors=remount-ro
		fi
		echo "UUID=$uuid $4 $3 $options 0 $pass"
		;;
	esac
}

# write_disk DISK PLANFILE
write_disk() {
	write_table "$1" < "$2" || return 1
	: > /tmp/fstab
	number=0
	while IFS='|' read -r size method filesystem mountpoint label options; do
		number=$((number + 1))
		device=$(partition_device "$1" $number)
		make_filesystem "$device" "$method" "$filesystem" "$label" < /dev/null || return 1
		case $method in
		biosgrub | keep) ;;
		*) echo "$device $(fstab_line "$device" "$method" "$filesystem" "$mountpoint" "$options")" >> /tmp/fstab ;;
		esac
	done < "$2"
	mount_target
}

# Shortest mount point first, so that / comes before what is below it.
mount_target() {
	sort -k 3 /tmp/fstab | while read -r device uuid mountpoint type rest; do
		case $mountpoint in
		'') continue ;;
		none) swapon "$device" ;;
		*)
			mkdir -p "/target$mountpoint"
			mount -t "$type" "$device" "/target$mountpoint" || exit 1
			;;
		esac
	done || return 1
	grep -q ' /target ' /proc/mounts || return 1
	mkdir -p /target/etc
	{
		echo '# /etc/fstab: static file system information; see fstab(5).'
		cut -d ' ' -f 2- /tmp/fstab | sed '/^$/d'
	} > /target/etc/fstab
}
