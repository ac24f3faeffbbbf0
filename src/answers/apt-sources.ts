/** The package sources of the finished system, in deb822 form (sources.list(5)) with Signed-By. */
import { IngotError } from '../errors.ts';
import type { Repository } from '../recipe/answers-schema.ts';
import { DEBIAN_RELEASES } from '../recipe/check.ts';
import type { Recipe } from '../recipe/schema.ts';
import { armor } from './armor.ts';

const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Debian's own: the release with its updates, and security. */
const debianRepositories = (release: string): readonly Repository[] => {
  const suite = DEBIAN_RELEASES[release];
  if (suite === undefined)
    throw new IngotError('recipe.unsupported', `no package sources are known for Debian ${release}`);
  const components = Number(release) >= 12 ? ['main', 'non-free-firmware'] : ['main'];
  return [
    { name: 'debian', uris: ['http://archive.example.org/debian'], suites: [suite, `${suite}-updates`], components },
    {
      name: 'security',
      uris: ['http://archive.example.org/debian-security'],
      suites: [`${suite}-security`],
      components,
    },
  ];
};

/** `files` has the keyrings that the recipe names. A key of one's own is written into the stanza itself. */
export const aptSources = ({ os, answers }: Recipe, files: ReadonlyMap<string, Uint8Array>): string =>
  (answers.repositories ?? debianRepositories(os.release)).map((repository) => stanza(repository, files)).join('\n');

const stanza = ({ name, uris, suites, components, key }: Repository, files: ReadonlyMap<string, Uint8Array>): string =>
  [
    `# ${name}`,
    'Types: deb',
    `URIs: ${uris.join(' ')}`,
    `Suites: ${suites.join(' ')}`,
    `Components: ${components.join(' ')}`,
    key === undefined ? `Signed-By: ${DEBIAN_KEYRING}` : `Signed-By:\n${inlineKey(files.get(key), key)}`,
    '',
  ].join('\n');

/** A deb822 field of several lines: each begins with a space, an empty one is a full stop. */
const inlineKey = (keyring: Uint8Array | undefined, name: string): string => {
  if (!keyring) throw new Error(`the keyring ${name} was not read with the recipe`);
  const text = armor(keyring);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => ` ${line === '' ? '.' : line}`)
    .join('\n');
};
