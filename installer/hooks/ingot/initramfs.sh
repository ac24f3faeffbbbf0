# One initramfs for all hardware, by whatever makes it in the installed system. Sourced by busybox sh, after lib.sh.

make_initramfs() {
	say phase kernel
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
