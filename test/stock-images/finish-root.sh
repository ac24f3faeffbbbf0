# What Debian's packages do when they see the disk they boot from, in a root folder that has none yet: the modules of GRUB and
# its menu, by Debian's own update-grub. Run as `unshare --mount --pid --fork sh finish-root.sh ROOT ROOT_UUID PARTITION_UUID FS`, FS as GRUB calls it.
set -eu
root=$1 uuid=$2 partuuid=$3 fs=$4

mkdir -p "$root/boot/grub"
for platform in i386-pc x86_64-efi; do
  mkdir -p "$root/boot/grub/$platform"
  cp "$root/usr/lib/grub/$platform"/*.mod "$root/usr/lib/grub/$platform"/*.lst "$root/boot/grub/$platform/"
done
mkdir -p "$root/boot/grub/fonts"
cp "$root/usr/share/grub/unicode.pf2" "$root/boot/grub/fonts/"

# update-grub asks grub-probe what / is on. The answer is known, though the disk is not there: in this mount namespace alone.
mount -t tmpfs none "$root/dev"
mount -t proc none "$root/proc"
mknod "$root/dev/null" c 1 3
mkdir -p "$root/dev/disk/by-uuid" "$root/dev/disk/by-partuuid" "$root/dev/fd"
: > "$root/dev/disk/by-uuid/$uuid"
: > "$root/dev/disk/by-partuuid/$partuuid"
cat > "$root/dev/grub-probe" <<PROBE
#!/bin/sh
while [ \$# -gt 0 ]; do
  case "\$1" in
    --target=*) target=\${1#--target=} ;;
    -t) target=\$2; shift ;;
  esac
  shift
done
case "\$target" in
  device) echo /dev/disk/by-uuid/$uuid ;;
  fs_uuid) echo $uuid ;;
  partuuid) echo $partuuid ;;
  fs) echo $fs ;;
  partmap) echo gpt ;;
esac
PROBE
chmod 755 "$root/dev/grub-probe"
mount --bind "$root/dev/grub-probe" "$root/usr/sbin/grub-probe"
chroot "$root" /usr/sbin/update-grub
