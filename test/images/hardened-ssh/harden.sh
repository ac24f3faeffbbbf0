#!/bin/sh
# In the direction of CIS Debian 12, 5.1.
set -eu
cat > /etc/ssh/sshd_config.d/10-hardened.conf <<'EOF'
PermitRootLogin no
AllowUsers admin-user
MaxAuthTries 2
MaxSessions 4
MaxStartups 10:30:60
LoginGraceTime 60
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
X11Forwarding no
AllowTcpForwarding no
HostbasedAuthentication no
IgnoreRhosts yes
PermitUserEnvironment no
ClientAliveInterval 15
ClientAliveCountMax 3
Banner /etc/issue.net
Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com
KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256
EOF
echo 'Authorized uses only.' > /etc/issue.net
chmod 600 /etc/ssh/sshd_config
sshd -t
