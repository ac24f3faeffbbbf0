# Reads a partman-auto recipe (partman-auto-recipe.txt of the debian-installer package) and shares out the disk, as
# partman-auto's own recipes.sh does. Pure text work, so that it can be tried on any machine.
#
# recipe_plan RECIPE DISK_MB prints a line for each partition, fields separated by |, empty when not given:
#   SIZE_MB|METHOD|FILESYSTEM|MOUNTPOINT|LABEL|OPTIONS       SIZE_MB is `rest` for the last one when it has no maximum
# and fails with a reason on stderr. METHOD is biosgrub, efi, swap, format or keep. MB are 10^6 bytes.

recipe_fail() {
	echo "$1" >&2
	return 1
}

# One token a line; the blanks within braces become @, so that `method{ format }` is `method{@format@}`.
recipe_tokens() {
	printf '%s\n' "$1" | sed -e 's/^.*:: *//' -e ':again' -e 's/\({[^{}]*\)[ 	]\([^{}]*}\)/\1@\2/' -e 't again' |
		tr -s ' \t\n' '\n\n\n' | sed '/^$/d'
}

# "100%" and the like are a share of the memory; partman-auto counts them so.
recipe_megabytes() {
	case $1 in
	*%) echo $((${1%\%} * ${RECIPE_MEMORY_MB:-1024} / 100)) ;;
	-1) echo 1000000000 ;;
	'' | *[!0-9]*) recipe_fail "recipe: '$1' is not a size" ;;
	*) echo "$1" ;;
	esac
}

# MIN|PRIORITY|MAX|FS|METHOD|FILESYSTEM|MOUNTPOINT|LABEL|OPTIONS, one line a partition.
recipe_partitions() {
	recipe_tokens "$1" | {
		position=0 min= priority= max= fs= method= filesystem= mountpoint= label= options= wanted=yes
		while read -r token; do
			value=${token#*\{}
			value=${value%\}}
			value=$(printf '%s' "$value" | sed -e 's/^@*//' -e 's/@*$//' -e 's/@/ /g')
			case $position:$token in
			[0-3]:.) recipe_fail "recipe: a partition needs MIN PRIORITY MAX FILESYSTEM" || exit 1 ;;
			0:*) min=$(recipe_megabytes "$token") || exit 1 ;;
			1:*) priority=$(recipe_megabytes "$token") || exit 1 ;;
			2:*) max=$(recipe_megabytes "$token") || exit 1 ;;
			3:*) fs=$token ;;
			*:.)
				[ -z "$wanted" ] ||
					echo "$min|$priority|$max|$fs|$method|$filesystem|$mountpoint|$label|$options"
				position=0 method= filesystem= mountpoint= label= options= wanted=yes
				continue
				;;
			*:'$iflabel{'*) [ "$value" = gpt ] || wanted= ;;
			*:'$ifnotlabel{'*) [ "$value" != gpt ] || wanted= ;;
			*:'$defaultignore{'*) wanted= ;;
			*:method{*) method=$value ;;
			*:filesystem{*) filesystem=$value ;;
			*:mountpoint{*) mountpoint=$value ;;
			*:label{*) label=$value ;;
			*:options/*{*) options=${options:+$options,}$value ;;
			*:'$lvmok{'* | *:'$primary{'* | *:'$bootable{'* | *:'$reusemethod{'* | *:format{* | *:use_filesystem{*) ;;
			*) recipe_fail "recipe: this stand-in does not know '$token'" || exit 1 ;;
			esac
			position=$((position + 1))
		done
		[ $position -eq 0 ] || recipe_fail "recipe: the last partition does not end in a full stop"
	}
}

# What is left after the minimum of each is shared out by (priority - minimum), up to the maximum of each, again and
# again until nothing changes.
recipe_plan() {
	partitions=$(recipe_partitions "$1") || return 1
	[ -n "$partitions" ] || recipe_fail "recipe: no partition" || return 1
	printf '%s\n' "$partitions" | awk -F'|' -v disk="$2" '
		{ n = NR; size[n] = $1; factor[n] = $2 > $1 ? $2 - $1 : 0; max[n] = $3; line[n] = $0; used += $1 }
		END {
			if (used > disk) { print "recipe: needs " used " MB, the disk has " disk " MB" > "/dev/stderr"; exit 1 }
			do {
				again = 0; sum = 0; taken = 0
				for (i = 1; i <= n; i++) { sum += factor[i]; taken += size[i] }
				left = disk - taken
				if (sum == 0 || left <= 0) break
				for (i = 1; i <= n; i++) {
					if (factor[i] == 0) continue
					grown = int(size[i] + left * factor[i] / sum)
					if (grown > max[i]) { size[i] = max[i]; factor[i] = 0; again = 1; break }
					wish[i] = grown
				}
				if (!again) for (i = 1; i <= n; i++) if (factor[i] > 0) { size[i] = wish[i]; factor[i] = 0 }
			} while (again)
			for (i = 1; i <= n; i++) {
				split(line[i], f, "|")
				shown = (i == n && f[3] >= 1000000000) ? "rest" : size[i]
				print shown "|" f[5] "|" f[6] "|" f[7] "|" f[8] "|" f[9]
			}
		}'
}
