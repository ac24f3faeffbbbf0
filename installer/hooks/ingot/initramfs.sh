# One initramfs for all hardware, by whatever makes it in the installed system. Sourced by busybox sh, after lib.sh.

UPDATE_INITRAMFS=/usr/sbin/update-initramfs

# dpkg itself keeps the program out of the way, so it does not matter when its package comes.
put_off_initramfs() {
	[ "$(setting quick_scripts yes)" = yes ] && [ ! -e /target$UPDATE_INITRAMFS ] || return 0
	divert_initramfs --add || return 0
	printf '#!/bin/sh\necho "update-initramfs: put off to the end of the installation"\n' > /target$UPDATE_INITRAMFS
	chmod 755 /target$UPDATE_INITRAMFS
	touch $INGOT_STATE/initramfs-put-off
}

initramfs_no_longer_put_off() {
	[ -e $INGOT_STATE/initramfs-put-off ] || return 0
	rm -f $INGOT_STATE/initramfs-put-off /target$UPDATE_INITRAMFS
	divert_initramfs --remove || fail system "dpkg does not give update-initramfs back"
}

divert_initramfs() {
	in_chroot dpkg-divert --local --rename --divert $UPDATE_INITRAMFS.REAL "$1" $UPDATE_INITRAMFS
}

make_initramfs() {
	say phase kernel
	initramfs_no_longer_put_off
	if [ -e /target/usr/sbin/update-initramfs ]; then
		by_initramfs_tools
	elif [ -e /target/usr/bin/dracut ]; then
		by_dracut
	else
		by_kernel_hooks
	fi
}

by_initramfs_tools() {
	mkdir -p /target/etc/initramfs-tools/conf.d
	rm -f /target/etc/initramfs-tools/conf.d/driver-policy
	echo 'RESUME=none' > /target/etc/initramfs-tools/conf.d/resume
	sed -i 's/^MODULES=.*/MODULES=most/' /target/etc/initramfs-tools/initramfs.conf
	functions=/target/usr/share/initramfs-tools/hook-functions
	# Debian 13's has dracut-install copy all modules at once.
	if [ "$(setting quick_scripts yes)" = yes ] && grep -q 'copy_file module' $functions; then
		cp -p $functions $functions.REAL
		cat /ingot/initramfs-functions >> $functions
	fi
	in_chroot update-initramfs -c -k all
	[ ! -e $functions.REAL ] || mv $functions.REAL $functions
}

# dracut.conf(5): what this machine has decides nothing, now and on later updates.
by_dracut() {
	mkdir -p /target/etc/dracut.conf.d
	echo 'hostonly="no"' > /target/etc/dracut.conf.d/ingot.conf
	for version in $(kernels); do in_chroot dracut --force "/boot/initrd.img-$version" "$version"; done
}

# As a kernel's package calls them, with the version and the image.
by_kernel_hooks() {
	for version in $(kernels); do
		in_chroot env -u INITRD run-parts --arg="$version" --arg="/boot/vmlinuz-$version" /etc/kernel/postinst.d
	done
}

kernels() {
	for image in /target/boot/vmlinuz-*; do
		[ ! -e "$image" ] || echo "${image#/target/boot/vmlinuz-}"
	done
}
