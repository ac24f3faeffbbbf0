/** Packages that are asked for with a version or a suite: whether the installer can get them so. */

import { packageHint } from '../../recipe/problems/hints/package-hint.ts';
import type { Problem } from '../../recipe/problems/problem.ts';
import { installerMirror, isAssembled, isImage } from '../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { DEBIAN_RELEASES } from '../../recipe/values/debian-releases.ts';
import { isDebianWish, wishableSuites, wishOf } from '../../recipe/values/package-wish.ts';

export const checkPackages = (recipe: Recipe): Problem[] => [...checkForms(recipe), ...checkSuites(recipe)];

const checkForms = ({ answers }: Recipe): Problem[] =>
  answers.packages.flatMap((word, index) =>
    isDebianWish(word)
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
  { os: { release }, origin }: Pick<Recipe, 'os' | 'origin'>,
  suite: string | undefined,
): Pick<Problem, 'message' | 'hint'> | undefined => {
  if (suite === undefined || !(release in DEBIAN_RELEASES)) return undefined;
  const all = wishableSuites(release);
  const extra = `\`media.packages: [{repository: {url: …, suite: ${suite}, key: …}, packages: […]}]\``;
  if (!all.includes(suite))
    return {
      message: `${suite} is not a suite of Debian ${release}, which has ${all.join(', ')}`,
      hint: `A package of another repository comes with ${extra}.`,
    };
  if (isAssembled(origin) || isImage(origin)) return undefined;
  const mirror = installerMirror(origin);
  const there = mirror === undefined ? all.slice(0, 1) : all.filter((name) => OF_APT_SETUP.test(name));
  if (there.includes(suite)) return undefined;
  return {
    message: `the installer has ${there.join(', ')} and no ${suite}`,
    hint:
      mirror === undefined && OF_APT_SETUP.test(suite)
        ? 'Name a mirror that has it: origin.mirror.'
        : `Put it onto the medium with ${extra}.`,
  };
};

/** Suites of the mirror that debian-installer's apt-setup makes sources of while it installs. */
const OF_APT_SETUP = /^[a-z]+(-updates|-backports)?$/;
