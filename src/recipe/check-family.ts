/** What a recipe for one family of systems cannot say, and one for the other can. */
import { ASSEMBLED, DEBIAN_RELEASES } from './debian-releases.ts';
import { keyboardOf } from './keyboard.ts';
import { isAssembled } from './origin-schema.ts';
import type { Path, Problem } from './problem.ts';
import type { Recipe } from './schema.ts';

/** Releases whose kickstart syntax is known. */
const ANACONDA: Readonly<Record<'redhat' | 'fedora', readonly [RegExp, string]>> = {
  redhat: [/^(8|9|10)$/, '"8", "9" and "10"'],
  fedora: [/^(4\d|[5-9]\d)$/, '"40" and later'],
};

export const checkAnaconda = ({ family, release }: Recipe['os']): Problem[] => {
  if (family === 'debian') return [];
  const [form, possible] = ANACONDA[family];
  if (form.test(release)) return [];
  const message = `there are no answers for ${family} ${release}`;
  return [{ path: ['os', 'release'], code: 'recipe.unsupported', message, hint: `Possible: ${possible}.` }];
};

export const checkOrigin = ({ os, origin }: Recipe): Problem[] => {
  const path: Path = ['origin', 'assemble'];
  const hint = 'Name an install ISO.';
  if (!isAssembled(origin))
    return origin.proxy === undefined || origin.mirror !== undefined
      ? []
      : [
          {
            path: ['origin', 'proxy'],
            message: 'a proxy is the way to a mirror, and none is named',
            hint: 'Name it: origin.mirror.',
          },
        ];
  if (os.family !== 'debian') return [{ path, message: `a Debian medium installs no ${os.family}`, hint }];
  // The components of the installer are known for this one.
  if (ASSEMBLED.includes(os.release) || !(os.release in DEBIAN_RELEASES)) return [];
  const message = `no medium of Debian ${os.release} is assembled yet`;
  return [
    {
      path,
      code: 'recipe.unsupported',
      message,
      hint: `${hint} Assembled are: ${ASSEMBLED.map((name) => `"${name}"`).join(', ')}.`,
    },
  ];
};

/** debian-installer's media have repositories that others can stand beside. */
export const checkMediaPackages = ({ os, media }: Recipe): Problem[] =>
  os.family !== 'debian' && media.packages.length > 0
    ? [
        {
          path: ['media', 'packages'],
          message: 'packages can be added to Debian media only',
          hint: 'Put a repository on the medium with `media.files`, and name it in the kickstart.',
        },
      ]
    : [];

/** What has another form in the other family. */
export const checkFamily = (recipe: Recipe): Problem[] => {
  const { os, answers } = recipe;
  const repositories = answers.repositories ?? [];
  const at = (index: number, field: string): Path => ['answers', 'repositories', index, field];
  if (os.family !== 'debian')
    return repositories
      .flatMap(({ uris, key }, index) => [
        ...(uris.length > 1
          ? [{ path: at(index, 'uris'), message: 'expected one address: Anaconda takes no more' }]
          : []),
        ...(key === undefined ? [] : [{ path: at(index, 'key'), message: 'Anaconda takes no key for a repository' }]),
      ])
      .concat(checkKernelArguments(recipe), checkKeyboard(recipe));
  return [
    ...repositories.flatMap(({ suites }, index) =>
      suites.length > 0 ? [] : [{ path: at(index, 'suites'), message: 'expected a suite such as bookworm' }],
    ),
  ];
};

/** Anaconda puts them into GRUB_CMDLINE_LINUX="…" as they are (pyanaconda, bootloader/grub2.py). */
const checkKernelArguments = ({ answers }: Recipe): Problem[] =>
  answers.kernelArguments.flatMap((word, index) =>
    word.includes('"')
      ? [
          {
            path: ['answers', 'kernelArguments', index],
            message: 'Anaconda carries no argument with quotation marks',
            hint: `Set it in answers.late: grubby --update-kernel=ALL --args='${word}'.`,
          },
        ]
      : [],
  );

/** Kickstart knows layouts, and the keys that change between them. */
const checkKeyboard = ({ answers: { keyboard } }: Recipe): Problem[] => {
  const { model, options } = keyboardOf(keyboard);
  const hint = 'Set it in answers.late, with localectl.';
  return [
    ...(model === 'pc105' ? [] : [{ path: ['answers', 'keyboard', 'model'], message: 'kickstart has no model', hint }]),
    ...options.flatMap((option, index) =>
      option.startsWith('grp:')
        ? []
        : [{ path: ['answers', 'keyboard', 'options', index], message: 'kickstart has options of grp: alone', hint }],
    ),
  ];
};
