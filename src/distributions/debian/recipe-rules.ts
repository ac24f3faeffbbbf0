/** What a recipe for Debian can say: its releases, what a medium is assembled of, suites, packages. */

import type { FamilyRules } from '../../recipe/checks/family-rules.ts';
import { hintAt } from '../../recipe/problems/hints/hints.ts';
import type { Problem } from '../../recipe/problems/problem.ts';
import { isAssembled } from '../../recipe/schema/origin-schema.ts';
import { STRIPS } from '../../recipe/schema/slim-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { ASSEMBLED, DEBIAN_RELEASES } from '../../recipe/values/debian-releases.ts';
import { checkPackages } from './check-packages.ts';
import { checkSlim } from './check-slim.ts';
import { RESERVED_NAMES } from './reserved-names.ts';

const checkRelease = ({ os: { release } }: Recipe): Problem[] =>
  release in DEBIAN_RELEASES
    ? []
    : [
        {
          path: ['os', 'release'],
          code: 'recipe.unsupported',
          message: `there are no answers for Debian ${release}`,
          hint: hintAt(['os', 'release'], release) ?? 'Possible: "11", "12" and "13".',
        },
      ];

/** The components of the installer are known for these. */
const checkAssembled = ({ os: { release }, origin }: Recipe): Problem[] =>
  !isAssembled(origin) || ASSEMBLED.includes(release) || !(release in DEBIAN_RELEASES)
    ? []
    : [
        {
          path: ['origin', 'assemble'],
          code: 'recipe.unsupported',
          message: `no medium of Debian ${release} is assembled yet`,
          hint: `Name an install ISO. Assembled are: ${ASSEMBLED.map((name) => `"${name}"`).join(', ')}.`,
        },
      ];

const checkRepositories = ({ answers: { repositories = [] } }: Recipe): Problem[] =>
  repositories.flatMap(({ suites }, index) =>
    suites.length > 0
      ? []
      : [{ path: ['answers', 'repositories', index, 'suites'], message: 'expected a suite such as bookworm' }],
  );

const checkFirmware = ({ origin, answers: { firmware = 'never' } }: Recipe): Problem[] =>
  firmware !== 'never' && isAssembled(origin)
    ? [
        {
          path: ['answers', 'firmware'],
          message: 'an assembled medium has no firmware',
          hint: 'Start from an install ISO that has it.',
        },
      ]
    : [];

export const DEBIAN_RULES: FamilyRules = {
  rules: [
    { reads: [], check: checkRelease },
    { reads: [['origin']], check: checkAssembled },
    { reads: [['answers', 'repositories']], check: checkRepositories },
    { reads: [['origin'], ['answers', 'firmware']], check: checkFirmware },
    { reads: [['origin'], ['answers', 'packages']], check: checkPackages },
    { reads: [['origin'], ['answers'], ['media', 'packages'], ['configure'], ['slim']], check: checkSlim },
  ],
  reservedNames: RESERVED_NAMES,
  installerScript: (interpreter) =>
    interpreter === '/bin/sh' ? undefined : `the installer has no ${interpreter}, only /bin/sh (busybox)`,
  sealOperations: ['medium-source', 'build-settings', 'package-caches', 'installer-traces', 'debconf-passwords'],
  strips: STRIPS,
  interpreters: ['sh', 'bash', 'dash', 'rbash', 'perl', 'awk', 'mawk', 'sed', 'env', 'busybox'],
};
