# Accounts, their keys and their sudo rules, in an installed system. Sourced by sh; who sources it has $system, the folder of
# the system (/target, or nothing), in_system, which runs a command in it, and account_failed, which ends with a reason.

# make_users FILE: `NAME:HASH:GROUP,GROUP:FULL NAME`, a line each. The hash goes in by stdin, so that no process list and no
# log shows it.
make_users() {
	while IFS=: read -r user hash groups name; do
		in_system_file passwd "$user" || add_user "$user" "$name" < /dev/null
		printf '%s:%s\n' "$user" "$hash" | in_system_quietly chpasswd --encrypted
		for group in $(echo "$groups" | tr , ' '); do
			in_system_file group "$group" || in_system groupadd --system "$group" < /dev/null
			in_system gpasswd --add "$user" "$group" < /dev/null
		done
	done < "$1"
}

# As user-setup makes the first one: the group users, a home for its owner alone. adduser takes no dot in a name, and its
# option to do so has another name in each release. A group of that name may be there, of a package (docker, wireshark).
add_user() {
	case $1 in *.* | _*) plain=no ;; *) plain=yes ;; esac
	own=--user-group
	if in_system_file group "$1"; then plain=no own="--gid $1"; fi
	if [ $plain = yes ] && [ -x "$system/usr/sbin/adduser" ]; then
		in_system adduser --quiet --disabled-password --gecos "$2" "$1"
	else
		# shellcheck disable=SC2086 # an option and its value
		in_system useradd --create-home --shell /bin/bash $own --groups users ${2:+--comment "$2"} "$1"
		chmod 700 "$system/home/$1"
	fi
}

# entry FILE NAME: the line of a name, which may have a dot.
entry() { awk -F : -v name="$2" '$1 == name { print; found = 1 } END { exit !found }' "$system/etc/$1"; }
in_system_file() { entry "$1" "$2" > /dev/null; }

# authorized_keys FOLDER: a file for each user.
authorized_keys() {
	for file in "$1"/*; do
		[ -e "$file" ] || continue
		user=${file##*/}
		line=$(entry passwd "$user") || account_failed "there is no user $user for its SSH keys"
		home=$(echo "$line" | cut -d : -f 6)
		ids=$(echo "$line" | cut -d : -f 3,4)
		mkdir -p "$system$home/.ssh"
		cp "$file" "$system$home/.ssh/authorized_keys"
		chmod 700 "$system$home/.ssh"
		chmod 600 "$system$home/.ssh/authorized_keys"
		chown -R "$ids" "$system$home/.ssh"
	done
}

# sudo_rules FILE: `USER nopasswd` or `USER password`, a line each.
sudo_rules() {
	while read -r user how; do
		case $how in nopasswd) tag=NOPASSWD: ;; *) tag= ;; esac
		printf '%s ALL=(ALL:ALL) %sALL\n' "$user" "$tag"
	done < "$1" > "$system/etc/sudoers.d/90-users"
	chmod 440 "$system/etc/sudoers.d/90-users"
	in_system visudo --check --quiet
}
