#!/bin/sh
# Packer 1.6.6 names the image below a new disk without its format, which qemu-img of today refuses.
case " $* " in
	" create "*" -b "*) shift; exec /usr/bin/qemu-img create -F qcow2 "$@" ;;
esac
exec /usr/bin/qemu-img "$@"
