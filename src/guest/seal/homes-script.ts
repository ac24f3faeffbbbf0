/** The homes of all accounts, wherever they are: a database's home is not in /home, but has a shell's history as well. */

/** Homes that are a part of the system. */
const SYSTEM = ['/bin', '/sbin', '/usr', '/dev', '/proc', '/sys', '/run', '/boot', '/etc', '/lib'] as const;

/** Whether the home of an account is a real one. */
export const isHome = (path: string): boolean =>
  path === '/root' ||
  (/^\/[^/]+\/[^/]/.test(path) && !SYSTEM.some((folder) => path === folder || path.startsWith(`${folder}/`)));

/** A function of sh that prints them. */
export const HOMES = `
homes() {
  { cut -d: -f6 /etc/passwd; printf '%s\\n' /root /home/*; } | sort -u | while IFS= read -r home; do
    case $home in
      /root) ;;
      ${SYSTEM.map((folder) => `${folder}|${folder}/*`).join('|')}) continue ;;
      /*/?*) ;;
      *) continue ;;
    esac
    [ ! -d "$home" ] || printf '%s\\n' "$home"
  done
}`;
