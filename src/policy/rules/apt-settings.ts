/** What apt's configuration says of which packages are taken: pins (apt_preferences(5)), and whether signatures are asked for (apt.conf(5)). */
import { glob } from '../../capture/glob.ts';
import type { Subject } from '../../inspect/subject.ts';

type Files = Subject['files'];

/** One for each stanza that has a priority: `Package: * · Pin: release a=bookworm-backports · 990`. */
export const aptPins = async (files: Files): Promise<{ readonly file: string; readonly what: string }[]> => {
  const paths = ['/etc/apt/preferences', ...(await glob(files, '/etc/apt/preferences.d/*')).filter(isRead)];
  const found = paths.map(async (file) =>
    ((await files.text(file)) ?? '')
      .split(/\n\s*\n/)
      .map((stanza) => stanza.replaceAll(/^\s*#.*$/gm, ''))
      .filter((stanza) => /^Pin-Priority:/im.test(stanza))
      .map((stanza) => ({
        file,
        what: ['Package', 'Pin', 'Pin-Priority']
          .map((field) => new RegExp(`^${field}:\\s*(.*)$`, 'im').exec(stanza)?.[1]?.trim() ?? '')
          .join(', '),
      })),
  );
  return (await Promise.all(found)).flat();
};

/** As apt chooses: no ending, or `.pref`. */
const isRead = (path: string): boolean => /\/[\w-]+(\.pref)?$/.test(path);

const UNSIGNED =
  /^\s*(?:Acquire::(?:\w+::)?(?:AllowInsecureRepositories|AllowWeakRepositories|AllowDowngradeToInsecureRepositories)|APT::Get::AllowUnauthenticated)\s+"?(?:1|yes|true|on|enable|with)"?\s*;/i;

export const unsignedAllowed = async (files: Files): Promise<{ readonly file: string; readonly line: string }[]> => {
  const paths = ['/etc/apt/apt.conf', ...(await glob(files, '/etc/apt/apt.conf.d/*'))];
  const found = paths.map(async (file) =>
    ((await files.text(file)) ?? '')
      .split('\n')
      .filter((line) => UNSIGNED.test(line))
      .map((line) => ({ file, line: line.trim() })),
  );
  return (await Promise.all(found)).flat();
};
