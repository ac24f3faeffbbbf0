/**
 * What a preinst script diverts (dpkg-divert(1)), as far as it changes where dpkg unpacks files. Since Debian 13 many
 * packages keep the old names of files that moved below /usr (`/lib/x` → `/lib/x.usr-is-merged`, nothing renamed): such a
 * diversion concerns only a package that still has a file under the old name (Debian's DEP 17, P1, M4 and M8).
 */
import type { ControlArchive } from './deb.ts';
import { NeedsDpkg, stanzaText } from './dpkg-database.ts';

/** Runs on upgrades only, to the `fi` at the margin; nothing is upgraded on a new system. */
const UPGRADE = /^if \[ "\$1" = upgrade \][^\n|]*; then\n(?:(?:[ \t#][^\n]*)?\n)*?fi$/gm;

/** What only looks, and what repairs another package's diversion where there is one. */
const HARMLESS = [/--(?:truename|listpackage|list)\b/, /--package zutils\b/];

const MERGED_USR = /^(?=.*--no-rename\b)(?=.*\.usr-is-merged\b)/;

/** Whether old names are kept this way. Throws `NeedsDpkg` for a preinst that changes how dpkg unpacks in other ways. */
export const keepsOldNames = ({ files }: ControlArchive): boolean => {
  const script = stanzaText(files.get('preinst')?.content)
    .replaceAll(/\\\n\s*/g, ' ')
    .replaceAll(/^\s*#.*$/gm, '')
    .replaceAll(UPGRADE, '');
  if (script.includes('dpkg-statoverride')) throw new NeedsDpkg('its preinst calls dpkg-statoverride');
  const commands = Array.from(script.matchAll(/dpkg-divert\b(?:(?!\bdpkg-divert\b)[^\n;&])*/g), ([command]) => command);
  const acting = commands.filter((command) => !HARMLESS.some((pattern) => pattern.test(command)));
  const other = acting.find((command) => !MERGED_USR.test(command));
  if (other !== undefined) throw new NeedsDpkg('its preinst calls dpkg-divert');
  return acting.length > 0;
};
