#!/bin/sh
# In the direction of CIS Debian 12, 5.2 to 5.4 and 2.4.
set -eu
cat > /etc/security/pwquality.conf <<'EOF'
minlen = 14
minclass = 4
maxrepeat = 3
dictcheck = 1
enforce_for_root
EOF
printf 'deny = 5\nunlock_time = 900\neven_deny_root\n' > /etc/security/faillock.conf
cat > /usr/share/pam-configs/faillock <<'EOF'
Name: Lock-out after failed logins
Default: yes
Priority: 0
Auth-Type: Primary
Auth:
	[default=die] pam_faillock.so authfail
EOF
cat > /usr/share/pam-configs/faillock-notify <<'EOF'
Name: Count failed logins
Default: yes
Priority: 1024
Auth-Type: Primary
Auth:
	requisite pam_faillock.so preauth
Account-Type: Primary
Account:
	required pam_faillock.so
EOF
DEBIAN_FRONTEND=noninteractive pam-auth-update --enable faillock faillock-notify
sed -i -e 's/^UMASK.*/UMASK 027/' -e 's/^PASS_MAX_DAYS.*/PASS_MAX_DAYS 365/' -e 's/^PASS_MIN_DAYS.*/PASS_MIN_DAYS 1/' /etc/login.defs
printf 'umask 027\nreadonly TMOUT=900\nexport TMOUT\n' > /etc/profile.d/hardened.sh
sed -i '1i umask 027' /etc/bash.bashrc
useradd -D -f 45
chmod 600 /etc/crontab
chmod 700 /etc/cron.d /etc/cron.daily /etc/cron.hourly /etc/cron.monthly /etc/cron.weekly
grep -q pam_wheel.so.use_uid /etc/pam.d/su || sed -i '1i auth sufficient pam_rootok.so' /etc/pam.d/su
