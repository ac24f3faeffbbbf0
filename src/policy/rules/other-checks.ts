/** What a policy asks of the checks that others make: that they have run, and how they ended. */
import { matchesName } from '../../patterns.ts';
import { type Findings, fails, type PolicyFacts, unjudged } from '../policy-facts.ts';
import type { Policy } from '../policy-schema.ts';

export const judgeTrust = (_: NonNullable<Policy['trust']>, { others: { trust } }: PolicyFacts): Findings => {
  if (trust === undefined)
    return [
      unjudged(
        'trust.unexplained',
        'the files of the image were not held against their packages here',
        'Name the policy in the recipe, or judge the finished folder with its packages: ingot verify FOLDER --packages DIR --policy FILE',
      ),
    ];
  const against = trust.found.filter(({ verdict }) => verdict !== 'holds');
  if (trust.verdict !== 'holds' && against.length === 0)
    return [
      unjudged(
        'trust.unexplained',
        trust.facts.join('; ') || 'nothing was judged',
        'docs/trust.md tells what it needs.',
      ),
    ];
  return against.map((one) => ({ ...one, rule: 'policy/trust.unexplained' }));
};

export const judgeTests = ({ require }: NonNullable<Policy['tests']>, { others: { tests } }: PolicyFacts): Findings => {
  if (tests === undefined)
    return [
      unjudged(
        'tests.require',
        'nothing tells that the image was tested',
        'Give the recipe `tests:`; tests.json lies beside the image then.',
      ),
    ];
  return require.flatMap((pattern): Findings => {
    const meant = tests.filter(({ name }) => matchesName([pattern], name));
    if (meant.length === 0)
      return [
        fails(
          'tests.require',
          `no test has the name ${pattern}`,
          pattern,
          'Add it to `tests:` of the recipe; tests.json has the names of those that ran.',
        ),
      ];
    return meant
      .filter(({ verdict }) => verdict !== 'holds')
      .map(({ name, verdict }) =>
        fails(
          'tests.require',
          `the test does not hold: ${name} ${verdict === 'fails' ? 'failed' : 'was not judged'}`,
          name,
          'tests.json tells what was found.',
        ),
      );
  });
};
