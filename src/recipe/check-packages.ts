/** Packages that are asked for with a version or a suite: whether this system's installer can get them so. */
import { DEBIAN_RELEASES } from './debian-releases.ts';
import { packageHint } from './hints/packages.ts';
import { isAssembled } from './origin-schema.ts';
import { isDebianWish, wishableSuites, wishOf } from './package-wish.ts';
import type { Problem } from './problem.ts';
import type { Recipe } from './schema.ts';

export const checkPackages = (recipe: Recipe): Problem[] => [...checkForms(recipe), ...checkSuites(recipe)];

/** The other family's may have capitals and underscores, and dnf's own forms. */
const checkForms = ({ os, answers }: Recipe): Problem[] =>
  answers.packages.flatMap((word, index) =>
    os.family !== 'debian' || isDebianWish(word)
      ? []
      : [
          {
            path: ['answers', 'packages', index],
            message: 'expected a package name (a-z 0-9 + - .), NAME=VERSION or NAME/SUITE',
            hint: packageHint(word),
          },
        ],
  );

/** A suite that packages are asked for from has to be one that is there when they are installed. */
const checkSuites = ({ os, origin, answers }: Recipe): Problem[] => {
  const lists = [
    { words: answers.packages, path: ['answers', 'packages'] },
    { words: isAssembled(origin) ? origin.packages : [], path: ['origin', 'packages'] },
  ];
  return lists.flatMap(({ words, path }) =>
    words.flatMap((word, index) => {
      const wrong = wrongSuite({ os, origin }, wishOf(word).suite);
      return wrong === undefined ? [] : [{ path: [...path, index], ...wrong }];
    }),
  );
};

const wrongSuite = (
  { os, origin }: Pick<Recipe, 'os' | 'origin'>,
  suite: string | undefined,
): Pick<Problem, 'message' | 'hint'> | undefined => {
  if (suite === undefined || (os.family === 'debian' && !(os.release in DEBIAN_RELEASES))) return undefined;
  if (os.family !== 'debian')
    return {
      message: 'packages of the RHEL family have no suite',
      hint: 'Write the name alone, or NAME=VERSION; a repository that has it goes into answers.repositories.',
    };
  const all = wishableSuites(os.release);
  const extra = `\`media.packages: [{repository: {url: …, suite: ${suite}, key: …}, packages: […]}]\``;
  if (!all.includes(suite))
    return {
      message: `${suite} is no suite of Debian ${os.release}, which has ${all.join(', ')}`,
      hint: `From another repository it comes with ${extra}.`,
    };
  if (isAssembled(origin)) return undefined;
  const there = origin.mirror === undefined ? all.slice(0, 1) : all.filter((name) => OF_APT_SETUP.test(name));
  if (there.includes(suite)) return undefined;
  return {
    message: `the installer has ${there.join(', ')} and no ${suite}`,
    hint:
      origin.mirror === undefined && OF_APT_SETUP.test(suite)
        ? 'Name a mirror that has it: origin.mirror.'
        : `Put it onto the medium with ${extra}.`,
  };
};

/** Suites of the mirror that debian-installer's apt-setup makes sources of while it installs. */
const OF_APT_SETUP = /^[a-z]+(-updates|-backports)?$/;
