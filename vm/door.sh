# The guest's end of the build's way in (docs/security.md): an sshd of its own on each of the virtio-serial ports
# org.ingot.ssh.0 and on, a connection each. QEMU hands this very text in, with a host key and the key that may log in, and
# answers anew after a restore. With a number it serves that port; without one it begins with all.
#
# Nothing that an image says of its own SSH, accounts or network is asked. sshd runs in a mount namespace with an /etc of its
# own, in memory: there root is neither locked nor expired and has a shell, whatever hardening says. Commands run outside of it.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
given=/sys/firmware/qemu_fw_cfg/by_name/opt/org.ingot
umask 022

if [ $# -eq 0 ]; then
  nth=0
  while [ "$nth" -lt "$doors" ]; do
    /bin/sh "$0" "$nth" &
    nth=$((nth + 1))
  done
  wait
  exit 1
fi

# slave: what is unmounted outside must not stay in use in here.
if [ "${INGOT_DOOR-}" != inside ]; then
  INGOT_DOOR=inside
  export INGOT_DOOR
  exec unshare --mount --propagation slave -- /bin/sh "$0" "$1"
fi

find_port() {
  for item in /sys/class/virtio-ports/*; do
    read -r name 2>/dev/null < "$item/name" && [ "$name" = "org.ingot.ssh.$1" ] && port=/dev/${item##*/} && return
  done
  return 1
}
until find_port "$1" && [ -c "$port" ]; do sleep 0.5; done

grep -q '^ingot-door /etc ' /proc/self/mounts || mount -t tmpfs -o size=1m,mode=755 ingot-door /etc
outside=/proc/1/root/etc
field() { sed -n "s/^$2:\([^:]*:\)\{$3\}\([^:]*\).*/\2/p" "$outside/$1" | head -n 1; }
home=$(field passwd root 4)
uid=$(field passwd sshd 1)
tty=$(field group tty 1)
mkdir -p /etc/door /run/sshd
cat > /etc/passwd <<END
root:x:0:0:root:${home:-/root}:/bin/sh
sshd:x:${uid:-65533}:65534::/run/sshd:/usr/sbin/nologin
END
cat > /etc/group <<END
root:x:0:
tty:x:${tty:-5}:
nogroup:x:65534:
END
echo 'root:*:20000::::::' > /etc/shadow
printf '%s: files\n' passwd group shadow > /etc/nsswitch.conf
for sftp in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server; do [ ! -x $sftp ] || break; done
cat > /etc/door/config <<END
HostKey /etc/door/host-key
AuthorizedKeysFile /etc/door/keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
UseDNS no
LoginGraceTime 0
MaxAuthTries 20
MaxSessions 100
AllowTcpForwarding no
AllowAgentForwarding no
X11Forwarding no
PermitUserRC no
PrintMotd no
PrintLastLog no
PidFile none
Subsystem sftp $sftp
ForceCommand exec nsenter --target 1 --mount -- /bin/sh -c "unset SSH_ORIGINAL_COMMAND; cd 2>/dev/null; \${SSH_ORIGINAL_COMMAND:-[ ! -x /bin/bash ] || exec /bin/bash -l; exec /bin/sh -l}"
END

# A write blocks until somebody has connected on the host; so each connection meets an sshd that has heard nothing yet. The
# name is not sshd's: who ends "sshd" in the image means the image's own. With -i it tells its reasons to syslog alone.
if command exec 3<> "$port"; then
  echo ingot-door >&3
  # Only now: while it was blocked, the guest may have been saved and restored by a run that has other keys.
  (umask 077 && cat $given/door-host-key/raw > /etc/door/host-key && cat $given/door-key/raw > /etc/door/keys)
  sshd=$(command -v sshd) || echo 'ingot-door: there is no sshd' >&3
  ln -sf "$sshd" /etc/door/ingot-door
  /etc/door/ingot-door -i -f /etc/door/config <&3 >&3 3>&- 2> /etc/door/said ||
    "$sshd" -t -f /etc/door/config 2>> /etc/door/said
  [ ! -s /etc/door/said ] || sed 's/^/ingot-door: /' /etc/door/said >&3
else
  sleep 5
fi
exec 3>&-
sleep 0.2
exec /bin/sh "$0" "$1"
