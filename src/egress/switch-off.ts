/** How entries of the catalogue are switched off in a running system: a script for `sh -eu` as root, which may run twice. */
import { posix } from 'node:path';
import { shellQuote } from '../host/command-line.ts';
import type { Entry, OffAction } from './catalogue/entry.ts';

/** Units that are not there are left alone, so that a link to nothing does not hide one that comes later. */
const FUNCTIONS = (root: string): string => `
root=${shellQuote(root)}
mask() {
  for unit do
    for folder in /etc /usr/local/lib /usr/lib /lib; do
      [ -e "$root$folder/systemd/system/$unit" ] || [ -L "$root$folder/systemd/system/$unit" ] || continue
      systemctl stop "$unit" >/dev/null 2>&1 || true
      if [ -f "$root/etc/systemd/system/$unit" ] && ! [ -L "$root/etc/systemd/system/$unit" ]; then
        # An administrator's own unit: a mask would take its place.
        systemctl disable "$unit" >/dev/null 2>&1
      else
        systemctl mask "$unit" >/dev/null 2>&1
      fi
      echo "$unit is masked"
      break
    done
  done
}
# Path, content, and what has to be there.
put() {
  [ -e "$root$3" ] || return 0
  mkdir -p "$root\${1%/*}"
  printf %s "$2" > "$root$1"
  chmod 644 "$root$1"
  echo "$1 is written"
}
# Path, key, line.
set_line() {
  [ -f "$root$1" ] || return 0
  sed -i "/^[[:space:]]*$2=/d" "$root$1"
  printf '%s\\n' "$3" >> "$root$1"
  echo "$1: $3"
}`;

/** `root`: for a system that lies in a folder. */
export const offScript = (entries: readonly Entry[], root = ''): string =>
  [FUNCTIONS(root).trimStart(), ...entries.flatMap(({ id, off }) => [`# ${id}`, ...off.map(actionLine)]), ''].join(
    '\n',
  );

const actionLine = (action: OffAction): string => {
  switch (action.kind) {
    case 'mask':
      return `mask ${action.units.map(shellQuote).join(' ')}`;
    case 'write':
      return `put ${[posix.normalize(action.path), action.content, action.when].map(shellQuote).join(' ')}`;
    case 'set':
      return `set_line ${[action.path, action.key, `${action.key}="${action.value}"`].map(shellQuote).join(' ')}`;
  }
};
