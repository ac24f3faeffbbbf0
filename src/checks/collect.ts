/**
 * The script that collects the facts: POSIX shell and what every system has, sent over the session's standard input, so that
 * nothing is written in the guest. Each part begins with a line `@part argument`, and its lines with `|`.
 */
import { shellQuote } from '../host/command-line.ts';
import type { Asks } from './planned.ts';

/** Bytes of a file that are looked at. */
export const MOST_CONTENT = 262_144;
const MOST_MESSAGES = 2000;

const HEAD = `LC_ALL=C; export LC_ALL SYSTEMD_COLORS=0 SYSTEMD_PAGER= SYSTEMD_LESS=
part() { printf '@%s\\n' "$1"; shift; "$@" 2>/dev/null | sed 's/^/|/'; }
failed() { systemctl list-units --failed --plain --no-legend --full; }
`;

const ALWAYS = `part state systemctl is-system-running
part jobs systemctl list-jobs --no-legend --plain
part failed failed
failed 2>/dev/null | while read -r unit rest; do part "log $unit" journalctl -b -u "$unit" -n 5 --no-pager -o cat; done
part boot systemctl show -p UserspaceTimestampMonotonic -p FinishTimestampMonotonic
part journal journalctl -b -p warning --no-pager -o json --output-fields=PRIORITY,MESSAGE,SYSLOG_IDENTIFIER -n ${MOST_MESSAGES}
if command -v ss >/dev/null 2>&1; then part ss ss -Hltunp
else for table in tcp tcp6 udp udp6; do part "net $table" cat /proc/net/$table; done; fi
part mounts cat /proc/self/mounts
part room df -Pk
for card in /sys/class/net/*; do part "card \${card##*/}" cat "$card/address"; done
part bootid cat /proc/sys/kernel/random/boot_id
root=$(sed -n 's|^[0-9]* [0-9]* \\([0-9:]*\\) [^ ]* / .*|\\1|p' /proc/self/mountinfo | tail -n 1)
here=$(readlink -f "/sys/dev/block/$root")
[ ! -e "$here/partition" ] || here=\${here%/*}
part disk cat "$here/size"
`;

const FILE = `file() {
  part "file $1" stat -L -c '%a|%U|%G|%F' -- "$1"
  [ ! -L "$1" ] || { part "link $1" stat -c '%a|%U|%G|%F' -- "$1"; part "target $1" readlink -- "$1"; }
  [ ! -f "$1" ] || part "content $1" sh -c 'head -c ${MOST_CONTENT} -- "$1" | base64' - "$1"
}
`;

/** It asks each unit over the bus: emulated, that takes as long as all else together. */
const LONGEST = 'part blame systemd-analyze blame --no-pager\n';

export const collectScript = ({ units = [], sysctls = [], files = [], longest = false }: Asks): string =>
  [
    HEAD,
    // The shell reads the rest of the script from the same input that its commands would have.
    'main() {\n',
    ALWAYS,
    ...(longest ? [LONGEST] : []),
    ...(files.length > 0 ? [FILE] : []),
    ...units.map(
      (unit) =>
        `part ${shellQuote(`unit ${unit}`)} systemctl show -p LoadState -p ActiveState -p SubState -p Type -p Result -p ExecMainExitTimestampMonotonic -- ${shellQuote(unit)}\n`,
    ),
    ...sysctls.map(
      (name) => `part ${shellQuote(`sysctl ${name}`)} cat ${shellQuote(`/proc/sys/${sysctlPath(name)}`)}\n`,
    ),
    ...files.map((path) => `file ${shellQuote(path)}\n`),
    "printf '@end\\n'\n}\nmain < /dev/null\n",
  ].join('');

/** sysctl(8): the first separator says which one is meant; with a slash, dots are part of names. */
const sysctlPath = (name: string): string => {
  const [, first] = /^[^./]*([./])/.exec(name) ?? [];
  return first === '/' ? name : name.replaceAll(/[./]/g, (letter) => (letter === '.' ? '/' : '.'));
};

/** All that several checks ask, each once. */
export const askedBy = (all: readonly (Asks | undefined)[]): Asks => ({
  units: unique(all.flatMap((one) => one?.units ?? [])),
  sysctls: unique(all.flatMap((one) => one?.sysctls ?? [])),
  files: unique(all.flatMap((one) => one?.files ?? [])),
  longest: all.some((one) => one?.longest === true),
});

const unique = (names: readonly string[]): string[] => [...new Set(names)];
