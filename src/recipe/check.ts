/** What a recipe may not say although each field by itself is right: rules across fields. */

import { duplicates, inMiB } from './check-common.ts';
import { checkDisk, checkLayout } from './check-disk.ts';
import { checkAnaconda, checkFamily, checkMediaPackages, checkOrigin } from './check-family.ts';
import { checkHosts } from './check-hosts.ts';
import { checkAddresses, checkAnacondaNetwork } from './check-network.ts';
import { checkPackages } from './check-packages.ts';
import { DEBIAN_RELEASES } from './debian-releases.ts';
import { hintAt } from './hints/hints.ts';
import { isAssembled } from './origin-schema.ts';
import { isWithin, type Path, type Problem } from './problem.ts';
import { reservedNames } from './reserved-names.ts';
import type { Recipe } from './schema.ts';

interface Rule {
  /** Fields, with all below them, that the rule looks at. */
  readonly reads: readonly Path[];
  readonly check: (recipe: Recipe) => Problem[];
}

/** All problems across fields; a rule that reads a field of which `doubtful` names a part says nothing. */
export const crossCheck = (recipe: Recipe, doubtful: readonly Path[] = []): Problem[] => {
  const isDoubtful = (field: Path) => doubtful.some((path) => isWithin(field, path) || isWithin(path, field));
  return RULES.filter(({ reads }) => !reads.some(isDoubtful)).flatMap(({ check }) => check(recipe));
};

const checkSupport = ({ os }: Recipe): Problem[] => {
  if (os.family !== 'debian') return checkAnaconda(os);
  if (os.release in DEBIAN_RELEASES) return [];
  const message = `there are no answers for Debian ${os.release}`;
  return [
    {
      path: ['os', 'release'],
      code: 'recipe.unsupported',
      message,
      hint: hintAt(['os', 'release'], os.release) ?? 'Possible: "11", "12" and "13".',
    },
  ];
};

const checkAccounts = ({ os, answers }: Recipe): Problem[] => [
  ...answers.users.flatMap(({ name }, index) =>
    reservedNames(os.family).has(name)
      ? [
          {
            path: ['answers', 'users', index, 'name'],
            message: `expected a name that the system itself does not use, found ${JSON.stringify(name)}`,
            hint: name === 'root' ? 'For root there is answers.root.' : `Choose another name, such as ${name}1.`,
          },
        ]
      : [],
  ),
  ...duplicates(
    answers.users.map(({ name }) => name),
    (index) => ['answers', 'users', index, 'name'],
  ),
  ...duplicates(answers.repositories?.map(({ name }) => name) ?? [], (index) => [
    'answers',
    'repositories',
    index,
    'name',
  ]),
];

/** debian-installer works in memory: its initrd with the preloaded components takes a good part of this. */
const MEMORY_MINIMUM = 512 * 2 ** 20;

const checkMemory = ({ machine }: Recipe): Problem[] =>
  machine.memory >= MEMORY_MINIMUM
    ? []
    : [{ path: ['machine', 'memory'], message: `too small, the installer needs ${inMiB(MEMORY_MINIMUM)}` }];

const checkNetwork = ({ answers: { hostname, domain, network, cloudInit } }: Recipe): Problem[] => {
  const problems: Problem[] = [];
  if (hostname.length + 1 + domain.length > 253)
    problems.push({ path: ['answers', 'domain'], message: 'host name and domain are longer than 253 characters' });
  if (cloudInit && network !== 'dhcp')
    problems.push({
      path: ['answers', 'network'],
      message: 'a fixed address and `cloudInit: true` exclude each other',
      hint: 'cloud-init sets up the network by its data source.',
    });
  return problems;
};

const checkFirmware = ({ os, origin, answers: { firmware } }: Recipe): Problem[] => {
  if (firmware === undefined || firmware === 'never') return [];
  const path: Path = ['answers', 'firmware'];
  if (os.family !== 'debian')
    return [{ path, message: "firmware is Debian's; media of the RHEL family have it in their kernel's packages" }];
  return isAssembled(origin)
    ? [{ path, message: 'an assembled medium has no firmware', hint: 'Start from an install ISO that has it.' }]
    : [];
};

const checkMedia = ({ media: { files } }: Recipe): Problem[] =>
  duplicates(
    files.map(({ to }) => to),
    (index) => ['media', 'files', index, 'to'],
  );

const checkVariants = ({ variables, variants }: Recipe): Problem[] =>
  Object.keys(variants)
    .filter((name) => !Object.hasOwn(variables, name))
    .map((name) => ({
      path: ['variants', name],
      at: 'key',
      message: `no variable \`${name}\``,
      hint: `Declare it in \`variables\`, and refer to it as \${var:${name}}.`,
    }));

/** A template is code, and what is wrong with it is told with its lines. */
const checkTemplates = ({ configure }: Recipe): Problem[] =>
  configure.flatMap((step, index) =>
    'copy' in step && step.copy.template && typeof step.copy.content === 'object'
      ? [
          {
            path: ['configure', index, 'copy', 'template'],
            message: 'a secret cannot be the text of a template',
            hint: 'Write the template in the recipe or beside it, and give the secret to a `run` step in `env`.',
          },
        ]
      : [],
  );

const RULES: readonly Rule[] = [
  { reads: [['os']], check: checkSupport },
  { reads: [['os'], ['origin']], check: checkOrigin },
  {
    reads: [
      ['os'],
      ['origin'],
      ...['packages', 'repositories', 'kernelArguments', 'keyboard'].map((field) => ['answers', field]),
    ],
    check: checkFamily,
  },
  {
    reads: [
      ['machine', 'disk'],
      ['answers', 'disk'],
    ],
    check: checkDisk,
  },
  { reads: [['answers', 'disk'], ['origin'], ['os']], check: checkLayout },
  { reads: [['os'], ['origin'], ['answers', 'firmware']], check: checkFirmware },
  { reads: [['os'], ['origin'], ['answers', 'packages']], check: checkPackages },
  { reads: [['answers', 'network']], check: checkAddresses },
  { reads: [['os'], ['origin'], ['answers', 'network']], check: checkAnacondaNetwork },
  { reads: [['machine', 'memory']], check: checkMemory },
  { reads: [['media', 'files']], check: checkMedia },
  { reads: [['os'], ['media', 'packages']], check: checkMediaPackages },
  { reads: [['variables'], ['variants']], check: checkVariants },
  { reads: [['variables'], ['hosts']], check: checkHosts },
  { reads: [['configure']], check: checkTemplates },
  {
    reads: [['os'], ['answers', 'users'], ['answers', 'repositories']],
    check: checkAccounts,
  },
  { reads: ['hostname', 'domain', 'network', 'cloudInit'].map((field) => ['answers', field]), check: checkNetwork },
];
