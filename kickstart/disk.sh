# Which disk: `only`, `smallest`, `largest`, `by-id GLOB` or `min-size BYTES` in $selector, or two: `by-ids GLOB GLOB`;
# never the install medium.
medium=$(lsblk -n -o PKNAME "$(findmnt -n -o SOURCE /run/install/repo 2>/dev/null)" 2>/dev/null | head -n 1)
take() { selected=$1; count=$((count + 1)); }
choose() {
  selected= count=0 best=
  while read -r name size type readonly; do
    [ "$type" = disk ] && [ "$readonly" = 0 ] && [ "$size" -gt 0 ] && [ "$name" != "$medium" ] || continue
    case $name in zram* | fd* | ram* | loop*) continue ;; esac
    case $1 in
      only) take "$name" ;;
      smallest) if [ -z "$best" ] || [ "$size" -lt "$best" ]; then best=$size selected=$name count=1; elif [ "$size" -eq "$best" ]; then count=2; fi ;;
      largest) if [ -z "$best" ] || [ "$size" -gt "$best" ]; then best=$size selected=$name count=1; elif [ "$size" -eq "$best" ]; then count=2; fi ;;
      by-id\ *)
        for link in /dev/disk/by-id/${1#by-id }; do
          if [ "$(readlink -f "$link")" = "/dev/$name" ]; then take "$name"; break; fi
        done
        ;;
      min-size\ *) if [ "$size" -ge "${1#min-size }" ]; then take "$name"; fi ;;
    esac
  done << DISKS
$(lsblk -b -d -n -o NAME,SIZE,TYPE,RO)
DISKS
  if [ "$count" -ne 1 ]; then
    echo "ingot: $count disks fit '$1', one is needed" >&2
    exit 1
  fi
}
case $selector in
  by-ids\ *)
    globs=${selector#by-ids }
    choose "by-id ${globs%% *}"
    first=$selected
    choose "by-id ${globs#* }"
    second=$selected
    if [ "$first" = "$second" ]; then
      echo "ingot: both names are of $first, two disks are needed" >&2
      exit 1
    fi
    selected=$first,$second
    ;;
  *) choose "$selector" ;;
esac
echo "ignoredisk --only-use=$selected" > /tmp/ingot-disk.ks
