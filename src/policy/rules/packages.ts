/** What may and has to be installed. */
import { matchesName } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts, unjudged } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';
import { aptPins, unsignedAllowed } from './apt-settings.ts';

export const judgePackages = async (
  wanted: NonNullable<Policy['packages']>,
  { inspection, subject: { files } }: PolicyFacts,
): Promise<Findings> => {
  const { packages, packagesUnread, sources } = inspection;
  if (packages === undefined)
    return [
      unjudged(
        'packages',
        packagesUnread ?? 'the packages cannot be read',
        'Only families whose packages are read can be judged.',
      ),
    ];
  const { forbid = [], require = [], most, untrusted, held, pins, sources: allowed } = wanted;
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
    ...(untrusted === undefined ? [] : await unsignedAllowed(files)).map(({ file, line }) =>
      fails('packages.untrusted', `apt takes what nobody has signed: ${line}`, file, 'Take the line out in a step.'),
    ),
    ...(held === undefined
      ? []
      : packages
          .filter((one) => one.held === true)
          .map(({ name, version }) =>
            fails(
              'packages.held',
              `${name} is held at ${version}: it gets no updates`,
              name,
              `Let it go in a step: apt-mark unhold ${name}`,
            ),
          )),
    ...(pins === undefined ? [] : await aptPins(files)).map(({ file, what }) =>
      fails(
        'packages.pins',
        `apt is told what to prefer: ${what}`,
        file,
        'Take it out in a step, or waive it: updates of others may pass these by.',
      ),
    ),
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
