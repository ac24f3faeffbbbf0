/** Packages that a recipe adds to its media, between the stage that adds them and the lock that names them. */
import { readFile } from 'node:fs/promises';
import { IngotError, OUR_FAULT } from '../errors.ts';
import { parseStanza } from '../formats/packages/deb822.ts';
import type { LoadedRecipe } from '../recipe/load.ts';
import type { LockedAddition } from '../recipe/schema/lock-schema.ts';
import { isAssembled, isImage } from '../recipe/schema/origin-schema.ts';
import { withoutUrlSecrets } from '../recipe/secrets/url-secrets.ts';
import { mirrorsOf } from '../stages/origin/mirrors.ts';
import { type PackageRepository, writtenAddition } from '../stages/origin/package-repository.ts';

/** What the stage wrote for the installer says all: its index, and the list of what is installed. */
export const lockedAddition = async (added: PackageRepository, loaded: LoadedRecipe): Promise<LockedAddition> => {
  const { index, install } = await writtenAddition(added);
  const text = index === undefined ? '' : await readFile(index, 'utf8');
  const stanzas = text.split('\n\n').filter((stanza) => stanza.trim() !== '');
  const names = added.repositories.length === 0 ? [] : await mirrorNames(loaded);
  const fromOf = (source: string): string => {
    const [address = '', ...rest] = source.split(' ');
    const plain = names.reduce((text, [url, field]) => text.replace(url, field), address);
    return [withoutUrlSecrets(plain), ...rest].join(' ');
  };
  return {
    repositories: added.repositories.map(({ url, suite, signers, date }) => ({
      from: fromOf(url),
      suite,
      signers: [...signers],
      date,
    })),
    install: [...install],
    packages: stanzas.map((stanza) => {
      const fields = parseStanza(stanza);
      const digest = fields.get('sha256')?.toLowerCase() ?? '';
      const known = added.packages.find(({ sha256 }) => sha256 === digest);
      if (known === undefined)
        throw new IngotError('lock.differs', 'the repository of added packages is not what its stage said', {
          hint: OUR_FAULT,
        });
      const { name, version, arch, sha256, at } = known;
      const from = fromOf(known.source);
      return {
        name,
        version,
        arch,
        from,
        ...(at === undefined ? {} : { at }),
        size: Number(fields.get('size')),
        sha256,
        file: fields.get('filename') ?? '',
        stanza,
      };
    }),
  };
};

/** The host's mirrors by the field that would name them: their addresses stay out of the lock. */
const mirrorNames = async (loaded: LoadedRecipe): Promise<[string, string][]> => {
  const { origin } = loaded.recipe;
  if (!isAssembled(origin) && !isImage(origin)) return [];
  const { urls } = await mirrorsOf(loaded, origin);
  const all: [string, string, string | undefined][] = [
    [urls.mirror, 'origin.mirror', origin.mirror],
    [urls.security, 'origin.securityMirror', origin.securityMirror],
  ];
  // The longer one first: one address may begin with the other.
  return all
    .flatMap(([url, field, named]) => (named === undefined ? [[url, field] satisfies [string, string]] : []))
    .toSorted(([one], [other]) => other.length - one.length);
};
