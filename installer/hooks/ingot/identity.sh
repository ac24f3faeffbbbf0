# What a machine is called and how it is spoken to, in place before the first package is configured: scripts of packages
# write down what they see of it. Sourced by busybox sh.

# write_identity TARGET: from /ingot/target, which is copied whole at the end.
write_identity() {
	mkdir -p "$1/etc/default"
	for file in hostname hosts default/keyboard; do
		[ ! -e "/ingot/target/etc/$file" ] || cp "/ingot/target/etc/$file" "$1/etc/$file"
	done
	# hostname(1) in a chroot asks the kernel.
	[ ! -e /ingot/target/etc/hostname ] || hostname "$(cat /ingot/target/etc/hostname)"
	zone=$(sed -n 's/^timezone=//p' /ingot/settings 2>/dev/null)
	[ -n "$zone" ] || return 0
	ln -sf "/usr/share/zoneinfo/$zone" "$1/etc/localtime"
	echo "$zone" > "$1/etc/timezone"
}
