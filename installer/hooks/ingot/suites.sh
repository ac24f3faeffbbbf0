# What packages need that are asked for from a suite (cockpit/bookworm-backports): apt takes each dependency from the release
# and then says that it is too old. Who sources it has target_apt_get and target_apt_cache.

# widened WORD…: the words, and of the same suites what apt says is missing.
widened() {
	set -f
	words="$*"
	suites=$(for word in $words; do case $word in */*) echo "${word#*/}" ;; esac done | sort -u)
	round=0
	while [ -n "$suites" ] && [ $round -lt 30 ]; do
		round=$((round + 1))
		output=$(target_apt_get -s -q install $words 2>&1) && break
		more=
		for name in $(echo "$output" | sed -n 's/.*Depends: \([^ ]*\) .*but .* to be installed.*/\1/p' | sort -u); do
			for suite in $suites; do
				case " $words $more " in *" $name/$suite "*) continue ;; esac
				! target_apt_cache madison "$name" | grep -q " $suite/" || more="$more $name/$suite"
			done
		done
		[ -n "$more" ] || break
		words="$words$more"
	done
	set +f
	echo "$words"
}
