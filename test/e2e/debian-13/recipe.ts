/** The example for Debian 13 from an archive with a complete installer: every component is Debian's own. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServedArchive } from '../../real-installer/serve.ts';
import { root } from '../support.ts';

/** The sources of the system are the same whatever port the archive is at. Throws when the example has changed its form. */
export const writeRecipeOf13 = async (
  path: string,
  name: string,
  { mirror, securityMirror, keyring }: ServedArchive,
): Promise<void> => {
  const example = await readFile(join(root, 'examples', 'debian-13-minimal.yaml'), 'utf8');
  const replaced = (text: string, [from, to]: readonly [string, string]): string => {
    if (!text.includes(from)) throw new Error(`the example has no ${JSON.stringify(from)}`);
    return text.replace(from, to);
  };
  const changes: (readonly [string, string])[] = [
    ['name: debian-13-minimal', `name: ${name}`],
    ['machine:\n', 'machine:\n  checkpoints: false\n'],
    [
      '  standIns: where-missing\n',
      `  standIns: never\n  mirror: ${mirror}\n  securityMirror: ${securityMirror}\n  keyring: ${keyring}\n`,
    ],
    [
      'answers:\n',
      `answers:
  repositories:
    - {name: debian, uris: ["http://deb.example.org/debian"], suites: [trixie, trixie-updates]}
    - {name: security, uris: ["http://deb.example.org/debian-security"], suites: [trixie-security]}
`,
    ],
  ];
  await writeFile(path, changes.reduce(replaced, example));
};
