#!/bin/sh
# Partitions of an image for tools that ask kpartx(8), where the kernel has no device-mapper: `kpartx -asv FILE`, `kpartx -dsv FILE`.
# partx(8) reads the table itself, so the kernel need not; the names are those that kpartx gives.
set -eu
file=$2
case $1 in
  -a*)
    loop=$(losetup --partscan --find --show "$file")
    partx --update "$loop"
    name=${loop#/dev/}
    table=$(partx --raw --noheadings --output NR,START,SECTORS "$loop")
    echo "$table" | while read -r nr start sectors; do
      ln -sf "$loop"p"$nr" "/dev/mapper/${name}p$nr"
      echo "add map ${name}p$nr (7:0): 0 $sectors linear 7:0 $start"
    done
    ;;
  -d*)
    for loop in $(losetup --noheadings --output NAME --associated "$file"); do
      rm -f "/dev/mapper/${loop#/dev/}p"*
      for link in /dev/disk/by-uuid/*; do
        case $(readlink -f "$link") in "$loop"p*) rm -f "$link" ;; esac
      done
      losetup --detach "$loop"
    done
    ;;
esac
