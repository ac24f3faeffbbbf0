#!/bin/sh
# QEMU with what a machine in a cloud has and the builder never needs: more cards, what its firmware says of itself, and web
# servers for its metadata, which QEMU starts (so without its sandbox). A line of ./more-options is an option.
set -eu
here=$(dirname "$0")
PATH=$(printf %s "$PATH" | tr : '\n' | grep -vxF "$here" | tr '\n' :)
export PATH=${PATH%:}

[ -e more-options ] || exec qemu-system-x86_64 "$@"

count=$#
while [ "$count" -gt 0 ]; do
	word=$1
	shift
	count=$((count - 1))
	if [ "$word" = -sandbox ]; then
		shift
		count=$((count - 1))
	else
		set -- "$@" "$word"
	fi
done
while IFS= read -r line; do
	set -- "$@" "$line"
done < more-options
exec qemu-system-x86_64 "$@"
