#!/bin/sh
# What both tools do in the image: a page, a unit of its own, a setting, a message. Runs as root, and needs no network.
set -e
mkdir -p /srv/www
seq 1 20000 > /srv/www/numbers.txt
printf '<h1>stock</h1>\n' > /srv/www/index.html
cat > /etc/systemd/system/page.service <<'UNIT'
[Unit]
Description=A page

[Service]
ExecStart=/usr/bin/python3 -m http.server 8080 --directory /srv/www
DynamicUser=yes

[Install]
WantedBy=multi-user.target
UNIT
systemctl enable page.service
echo 'vm.swappiness = 10' > /etc/sysctl.d/50-bench.conf
echo "${MOTD:-Made in a bench.}" > /etc/motd
