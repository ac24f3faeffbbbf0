/** What may and has to be installed. */
import { matchesName } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts, unjudged } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';

export const judgePackages = (wanted: NonNullable<Policy['packages']>, { inspection }: PolicyFacts): Findings => {
  const { packages, packagesUnread, sources } = inspection;
  if (packages === undefined)
    return [
      unjudged(
        'packages',
        packagesUnread ?? 'the packages cannot be read',
        'Only families whose packages are read can be judged.',
      ),
    ];
  const { forbid = [], require = [], most, untrusted, sources: allowed } = wanted;
  const names = packages.map(({ name }) => name);
  return [
    ...packages
      .filter(({ name }) => matchesName(forbid, name))
      .map(({ name, version }) =>
        fails(
          'packages.forbid',
          `${name} ${version} is installed`,
          name,
          `Take it out: slim.remove: [${name}]; \`ingot why\` says who needs it.`,
        ),
      ),
    ...require
      .filter((pattern) => !names.some((name) => matchesName([pattern], name)))
      .map((name) => fails('packages.require', `${name} is not installed`, name, 'Add it: answers.packages.')),
    ...(most !== undefined && names.length > most
      ? [
          fails(
            'packages.most',
            `${names.length} packages are installed, ${most} are allowed`,
            undefined,
            'docs/slim.md tells how to have fewer.',
          ),
        ]
      : []),
    ...(untrusted === undefined
      ? []
      : sources
          .filter(({ trusted }) => trusted)
          .map(({ uris, file }) =>
            fails(
              'packages.untrusted',
              `packages from ${uris.join(', ')} are taken without a signature`,
              file,
              'Name the key of the repository: answers.repositories[].key.',
            ),
          )),
    ...(allowed === undefined
      ? []
      : sources
          .filter(({ uris }) => !uris.every((uri) => isAllowed(allowed, uri)))
          .map(({ uris, file }) =>
            fails(
              'packages.sources',
              `packages are fetched from ${uris.join(', ')}`,
              file,
              'Name your own mirror: answers.repositories, origin.mirrors.',
            ),
          )),
  ];
};

const isAllowed = (allowed: readonly string[], uri: string): boolean => {
  const host = URL.parse(uri)?.hostname;
  return matchesName(allowed, uri) || (host !== undefined && host !== '' && matchesName(allowed, host));
};
