/** The package sources of the finished system, in deb822 form (sources.list(5)) with Signed-By. */
import { IngotError } from '../errors.ts';
import type { Repository } from '../recipe/answers-schema.ts';
import { DEBIAN_RELEASES } from '../recipe/check.ts';
import { isAssembled } from '../recipe/origin-schema.ts';
import type { Recipe } from '../recipe/schema.ts';
import { armor } from './armor.ts';

const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Base URLs of Debian's archives, as the recipe's origin or the host's apt names them. */
export interface DebianMirrors {
  readonly mirror: string;
  readonly security: string;
}

/** Debian's own: the release with its updates, and security. */
const debianRepositories = (
  release: string,
  mirrors: DebianMirrors | undefined,
  key: string | undefined,
): readonly Repository[] => {
  const suite = DEBIAN_RELEASES[release];
  if (suite === undefined)
    throw new IngotError('recipe.unsupported', `no package sources are known for Debian ${release}`);
  const components = Number(release) >= 12 ? ['main', 'non-free-firmware'] : ['main'];
  return [
    { name: 'debian', uris: [reachable(mirrors?.mirror)], suites: [suite, `${suite}-updates`], components, key },
    { name: 'security', uris: [reachable(mirrors?.security)], suites: [`${suite}-security`], components, key },
  ];
};

/** A mirror on the build host's disk is no source for the finished system. */
const reachable = (url: string | undefined): string => {
  if (url !== undefined && /^https?:/.test(url)) return url;
  throw new IngotError('recipe.no-package-sources', 'it is not said where the finished system gets its packages from', {
    where: 'answers.repositories',
    detail: url === undefined ? undefined : `${url} is on this host`,
    hint: 'Set answers.repositories.',
  });
};

/** `files` has the keyrings that the recipe names. A key of one's own is written into the stanza itself. */
export const aptSources = (
  { os, answers, origin }: Recipe,
  files: ReadonlyMap<string, Uint8Array>,
  mirrors: DebianMirrors | undefined,
): string =>
  (answers.repositories ?? debianRepositories(os.release, mirrors, isAssembled(origin) ? origin.keyring : undefined))
    .map((repository) => stanza(repository, files))
    .join('\n');

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
