# The log port's protocol (installer/README.md); without the port nothing is said.
say() {
  port=/dev/virtio-ports/org.ingot.log.0
  [ ! -e "$port" ] || echo "$(LC_ALL=C date '+%b %e %H:%M:%S') ingot: $*" > "$port"
}
