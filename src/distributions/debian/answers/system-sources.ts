/** The package sources of the finished system, in deb822 form (sources.list(5)) with Signed-By. */

import type { DebianMirrors } from '../../../answers/answer-set.ts';
import { IngotError } from '../../../errors.ts';
import { sourceStanza } from '../../../formats/packages/apt-sources.ts';
import { armor } from '../../../formats/signatures/armor.ts';
import type { Repository } from '../../../recipe/schema/installer-schema.ts';
import { isAssembled } from '../../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../../recipe/schema.ts';
import { DEBIAN_KEYRING, DEBIAN_RELEASES } from '../../../recipe/values/debian-releases.ts';
import { furtherSuites } from '../../../recipe/values/package-wish.ts';

/** Debian's own: the release with its updates, and security. */
const debianRepositories = (
  release: string,
  mirrors: DebianMirrors | undefined,
  key: string | undefined,
  further: readonly string[],
): readonly Repository[] => {
  const suite = DEBIAN_RELEASES[release];
  if (suite === undefined)
    throw new IngotError('recipe.unsupported', `no package sources are known for Debian ${release}`, {
      hint: `Name them in answers.repositories, or set os.release to one of ${Object.keys(DEBIAN_RELEASES).join(', ')}.`,
    });
  const components = Number(release) >= 12 ? ['main', 'non-free-firmware'] : ['main'];
  return [
    {
      name: 'debian',
      uris: [reachable(mirrors?.mirror)],
      suites: [suite, `${suite}-updates`, ...further],
      components,
      key,
    },
    { name: 'security', uris: [reachable(mirrors?.security)], suites: [`${suite}-security`], components, key },
  ];
};

/** A mirror on the build host's disk cannot be a source of the finished system. */
const reachable = (url: string | undefined): string => {
  if (url !== undefined && /^https?:/.test(url)) return url;
  throw new IngotError('recipe.no-package-sources', 'no package source is given for the finished system', {
    where: 'answers.repositories',
    detail: url === undefined ? undefined : `${url} is on this host`,
    hint: 'Set answers.repositories.',
  });
};

/** `files` has the keyrings that the recipe names. */
export const aptSources = (
  recipe: Recipe,
  files: ReadonlyMap<string, Uint8Array>,
  mirrors: DebianMirrors | undefined,
): string =>
  repositoriesOf(recipe, mirrors)
    .map((repository) => {
      const { name, uris, suites, components } = repository;
      const stanza = sourceStanza({ uris, suites, components, signedBy: signedBy(recipe, repository, files) });
      return `# ${name}\n${stanza}`;
    })
    .join('\n');

/** The keys that stand in files of their own, by their paths in the system. */
export const keyFiles = (
  recipe: Recipe,
  files: ReadonlyMap<string, Uint8Array>,
  mirrors: DebianMirrors | undefined,
): ReadonlyMap<string, string> =>
  new Map(
    takesInlineKeys(recipe)
      ? []
      : repositoriesOf(recipe, mirrors).flatMap(({ name, key }) =>
          key === undefined ? [] : [[keyFile(name), armored(files, key)] as const],
        ),
  );

/** apt 2.3.10 and later: a key may stand in the stanza itself (apt's changelog). */
const takesInlineKeys = ({ os }: Recipe): boolean => Number(os.release) >= 12;

const keyFile = (name: string): string => `etc/apt/keyrings/${name}.asc`;

const repositoriesOf = ({ os, answers, origin }: Recipe, mirrors: DebianMirrors | undefined): readonly Repository[] =>
  answers.repositories ??
  debianRepositories(
    os.release,
    mirrors,
    isAssembled(origin) ? origin.keyring : undefined,
    // What is installed from backports gets its updates from there.
    furtherSuites(answers.packages),
  );

const signedBy = (recipe: Recipe, { name, key }: Repository, files: ReadonlyMap<string, Uint8Array>): string => {
  if (key === undefined) return DEBIAN_KEYRING;
  // A key in the stanza itself begins below the field's name.
  return takesInlineKeys(recipe) ? `\n${armored(files, key).trimEnd()}` : `/${keyFile(name)}`;
};

const armored = (files: ReadonlyMap<string, Uint8Array>, name: string): string => {
  const keyring = files.get(name);
  if (!keyring) throw new Error(`the keyring ${name} was not read with the recipe`);
  return armor(keyring);
};
