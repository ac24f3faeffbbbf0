#!/bin/sh
# In the direction of CIS Debian 12, 1.1.1, 1.5, 3.2, 3.3 and 6.2.
set -eu
for module in cramfs freevxfs hfs hfsplus jffs2 udf usb-storage dccp tipc rds sctp; do
	printf 'install %s /bin/false\nblacklist %s\n' "$module" "$module"
done > /etc/modprobe.d/hardened.conf
cat > /etc/sysctl.d/90-hardened.conf <<'EOF'
kernel.randomize_va_space = 2
kernel.kptr_restrict = 2
kernel.dmesg_restrict = 1
kernel.yama.ptrace_scope = 2
kernel.unprivileged_bpf_disabled = 1
fs.suid_dumpable = 0
fs.protected_regular = 2
fs.protected_fifos = 2
net.ipv4.ip_forward = 0
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.default.send_redirects = 0
net.ipv4.conf.all.accept_redirects = 0
net.ipv4.conf.default.accept_redirects = 0
net.ipv4.conf.all.accept_source_route = 0
net.ipv4.conf.all.log_martians = 1
net.ipv4.conf.all.rp_filter = 1
net.ipv4.icmp_echo_ignore_broadcasts = 1
net.ipv4.tcp_syncookies = 1
net.ipv6.conf.all.accept_ra = 0
net.ipv6.conf.all.accept_redirects = 0
EOF
sysctl --system > /dev/null
cat > /etc/audit/rules.d/50-hardened.rules <<'EOF'
-w /etc/passwd -p wa -k identity
-w /etc/shadow -p wa -k identity
-w /etc/group -p wa -k identity
-w /etc/sudoers -p wa -k scope
-w /etc/sudoers.d -p wa -k scope
-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -k time-change
-a always,exit -F arch=b64 -S unlink,unlinkat,rename,renameat -F auid>=1000 -F auid!=unset -k delete
EOF
printf -- '-e 2\n' > /etc/audit/rules.d/99-final.rules
sed -i -e 's/^max_log_file_action.*/max_log_file_action = keep_logs/' /etc/audit/auditd.conf
chmod 750 /var/log/audit
