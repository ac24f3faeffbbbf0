/** What a recipe for Anaconda can say: the RHEL family and Fedora. */
import type { FamilyRules, RecipeRule } from '../../recipe/checks/family-rules.ts';
import type { Path, Problem } from '../../recipe/problems/problem.ts';
import { isAssembled } from '../../recipe/schema/origin-schema.ts';
import type { Recipe } from '../../recipe/schema.ts';
import { keyboardOf } from '../../recipe/values/keyboard.ts';
import { wishOf } from '../../recipe/values/package-wish.ts';
import { checkNetworkCommand } from './check-network-command.ts';

/** Releases whose kickstart syntax is known. */
const releases =
  (form: RegExp, possible: string) =>
  ({ os: { family, release } }: Recipe): Problem[] =>
    form.test(release)
      ? []
      : [
          {
            path: ['os', 'release'],
            code: 'recipe.unsupported',
            message: `there are no answers for ${family} ${release}`,
            hint: `Possible: ${possible}.`,
          },
        ];

const checkOrigin = ({ os, origin }: Recipe): Problem[] =>
  isAssembled(origin)
    ? [
        {
          path: ['origin', 'assemble'],
          message: `a Debian medium cannot install ${os.family}`,
          hint: 'Name an install ISO.',
        },
      ]
    : [];

/** Only debian-installer's media have repositories to which others can be added. */
const checkMediaPackages = ({ media }: Recipe): Problem[] =>
  media.packages.length === 0
    ? []
    : [
        {
          path: ['media', 'packages'],
          message: 'packages can be added to Debian media only',
          hint: 'Put a repository on the medium with `media.files`, and name it in the kickstart.',
        },
      ];

const checkRepositories = ({ answers: { repositories = [] } }: Recipe): Problem[] => {
  const at = (index: number, field: string): Path => ['answers', 'repositories', index, field];
  return repositories.flatMap(({ uris, key }, index) => [
    ...(uris.length > 1 ? [{ path: at(index, 'uris'), message: 'expected one address: Anaconda takes no more' }] : []),
    ...(key === undefined ? [] : [{ path: at(index, 'key'), message: 'Anaconda takes no key for a repository' }]),
  ]);
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

/** Kickstart knows layouts, and the keys that switch between them. */
const checkKeyboard = ({ answers: { keyboard } }: Recipe): Problem[] => {
  const { model, options } = keyboardOf(keyboard);
  const hint = 'Set it in answers.late, with localectl.';
  return [
    ...(model === 'pc105' ? [] : [{ path: ['answers', 'keyboard', 'model'], message: 'kickstart has no model', hint }]),
    ...options.flatMap((option, index) =>
      option.startsWith('grp:')
        ? []
        : [{ path: ['answers', 'keyboard', 'options', index], message: 'kickstart only has options of grp:', hint }],
    ),
  ];
};

const checkFirmware = ({ answers: { firmware = 'never' } }: Recipe): Problem[] =>
  firmware === 'never'
    ? []
    : [
        {
          path: ['answers', 'firmware'],
          message: "firmware is Debian's; media of the RHEL family have it in their kernel's packages",
        },
      ];

/** Names may have capitals and underscores, and dnf's own forms. */
const checkPackages = ({ answers }: Recipe): Problem[] =>
  answers.packages.flatMap((word, index) =>
    wishOf(word).suite === undefined
      ? []
      : [
          {
            path: ['answers', 'packages', index],
            message: 'packages of the RHEL family have no suite',
            hint: 'Write the name alone, or NAME=VERSION; a repository that has it goes into answers.repositories.',
          },
        ],
  );

const checkScheme = ({ answers: { disk } }: Recipe): Problem[] =>
  disk.layout === 'automatic' && disk.scheme === 'btrfs'
    ? [
        {
          path: ['answers', 'disk', 'scheme'],
          message: 'the RHEL family has no Btrfs',
          hint: 'For a rebuild that has it, write a template of your own (answers.template).',
        },
      ]
    : [];

const RULES: readonly RecipeRule[] = [
  { reads: [['origin']], check: checkOrigin },
  { reads: [['media', 'packages']], check: checkMediaPackages },
  { reads: [['answers', 'repositories']], check: checkRepositories },
  { reads: [['answers', 'kernelArguments']], check: checkKernelArguments },
  { reads: [['answers', 'keyboard']], check: checkKeyboard },
  { reads: [['answers', 'firmware']], check: checkFirmware },
  { reads: [['answers', 'packages']], check: checkPackages },
  { reads: [['origin'], ['answers', 'network']], check: checkNetworkCommand },
];

/** Users and groups of the package setup, and of what every installation has. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(
  `
  adm audio bin cdrom chrony daemon dbus dialout disk floppy ftp games halt input kmem kvm lock lp mail man mem nobody
  operator polkitd render root sgx shutdown sshd ssh_keys sync sys systemd-coredump systemd-journal systemd-oom
  systemd-resolve tape tss tty users utempter utmp video wheel
`
    .trim()
    .split(/\s+/),
);

/** A kickstart section is for bash, whatever its first line says. */
const installerScript = (interpreter: string): string | undefined =>
  /^(\/usr)?\/bin\/(ba)?sh$/.test(interpreter) ? undefined : `the installer runs it with bash, not with ${interpreter}`;

const COMMON = { reservedNames: RESERVED_NAMES, installerScript, sealOperations: [], strips: [] };
const INTERPRETERS = ['sh', 'bash', 'awk', 'gawk', 'sed', 'env', 'python3'];

export const REDHAT_RULES: FamilyRules = {
  ...COMMON,
  rules: [
    { reads: [], check: releases(/^(8|9|10)$/, '"8", "9" and "10"') },
    { reads: [['answers', 'disk']], check: checkScheme },
    ...RULES,
  ],
  interpreters: [...INTERPRETERS, 'platform-python'],
};

export const FEDORA_RULES: FamilyRules = {
  ...COMMON,
  rules: [{ reads: [], check: releases(/^(4\d|[5-9]\d)$/, '"40" and later') }, ...RULES],
  interpreters: INTERPRETERS,
};
