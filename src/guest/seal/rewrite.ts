/**
 * How sealing writes to files that others own. A file that exists is never opened with O_CREAT: in a folder with the sticky
 * bit that a group may write in (PostgreSQL's logs), the kernel refuses that even to root (fs.protected_regular, proc(5)).
 * Files that are immutable or append-only (chattr(1)) lose that while sealing goes on, and have it again in the image.
 */

/** Functions of sh: `empty FILE…`, and `rewrite FILE`, which takes the new content from stdin. */
export const REWRITE = `
empty() { truncate --no-create --size 0 -- "$@"; }
rewrite() { dd of="$1" conv=nocreat status=none; }`;

/** Where sealing writes, and where hardening usually sets them. */
const PLACES = '/etc /root /home /var/log /var/mail /var/cache/debconf';

/** Lines `FLAGS PATH` of what had one of the two attributes. */
export const looseningScript = (list: string): string => `
if command -v lsattr >/dev/null && command -v chattr >/dev/null; then
  find ${PLACES} -xdev \\( -type f -o -type d \\) -exec lsattr -d -- {} + 2>/dev/null |
    sed -n 's/^\\([^ ]*[ai][^ ]*\\) *\\(\\/.*\\)/\\1 \\2/p' > ${list}
  while read -r flags path; do chattr -ai -- "$path" || true; done < ${list}
fi`;

export const tighteningScript = (list: string): string => `
if [ -s ${list} ]; then
  while read -r flags path; do
    case $flags in *a*i* | *i*a*) set=+ai ;; *a*) set=+a ;; *) set=+i ;; esac
    [ ! -e "$path" ] || chattr $set -- "$path" || true
  done < ${list}
fi`;
