/** What a recipe may not say although each field by itself is right: rules across fields. */

import { FAMILY_RULES } from '../../distributions/recipe-rules.ts';
import { suggest } from '../../suggest.ts';
import type { Stated } from '../load/stated.ts';
import { isWithin, type Path, type Problem } from '../problems/problem.ts';
import { installerMirror, installerProxy, isIso } from '../schema/origin-schema.ts';
import { type Recipe, SEAL_OPERATIONS } from '../schema.ts';
import { duplicates, mebibyteText } from './check-common.ts';
import { checkDisk, checkLayout } from './check-disk.ts';
import { checkHosts } from './check-hosts.ts';
import { checkImage } from './check-image.ts';
import { checkAddresses } from './check-network.ts';
import { checkReproducible } from './check-reproducible.ts';
import { checkStepAccounts } from './check-step-accounts.ts';
import type { RecipeRule } from './family-rules.ts';

/** All problems across fields; a rule is silent when `doubtful` names a part of a field that it reads. */
export const crossCheck = (recipe: Recipe, stated: Stated, doubtful: readonly Path[] = []): Problem[] => {
  const isDoubtful = (field: Path) => doubtful.some((path) => isWithin(field, path) || isWithin(path, field));
  // Then it is not known which family's rules apply.
  const own = isDoubtful(['os']) ? [] : FAMILY_RULES[recipe.os.family].rules;
  return [...RULES, ...own]
    .filter(({ reads }) => !reads.some(isDoubtful))
    .flatMap(({ check }) => check(recipe, stated));
};

const checkProxy = ({ origin }: Recipe): Problem[] =>
  installerProxy(origin) === undefined || installerMirror(origin) !== undefined
    ? []
    : [
        {
          path: ['origin', 'proxy'],
          message: 'a proxy is for a mirror, but the recipe names no mirror',
          hint: 'Name it: origin.mirror.',
        },
      ];

const checkPackageKeys = ({ os: { family }, origin }: Recipe): Problem[] =>
  !isIso(origin) || origin.packageKeys === undefined || family !== 'debian'
    ? []
    : [
        {
          path: ['origin', 'packageKeys'],
          message: 'packages of Debian are not signed one by one',
          hint: 'Leave it out: with `sha256` or signed `sums` the whole ISO is proved, and *trust* holds its packages against its indexes.',
        },
      ];

const checkAccounts = ({ os, answers }: Recipe): Problem[] => [
  ...answers.users.flatMap(({ name }, index) =>
    FAMILY_RULES[os.family].reservedNames.has(name)
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

/** debian-installer works in memory: its initrd with the preloaded components takes much of this. */
const MEMORY_MINIMUM = 512 * 2 ** 20;

const checkMemory = ({ machine }: Recipe): Problem[] =>
  machine.memory >= MEMORY_MINIMUM
    ? []
    : [{ path: ['machine', 'memory'], message: `too small, the installer needs ${mebibyteText(MEMORY_MINIMUM)}` }];

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

/** Systems of this family lack what is taken out of another family's. */
const checkSeal = ({ os: { family }, seal: { skip } }: Recipe): Problem[] => {
  const own = FAMILY_RULES[family].sealOperations;
  const others = Object.values(FAMILY_RULES).flatMap(({ sealOperations }) => sealOperations);
  const possible = SEAL_OPERATIONS.filter((name) => own.includes(name) || !others.includes(name));
  return skip.flatMap((name, index) => {
    if (possible.includes(name)) return [];
    const meant = suggest(name, possible);
    return [
      {
        path: ['seal', 'skip', index],
        message: `sealing has no operation \`${name}\` for systems of the family ${family}`,
        hint: meant === undefined ? `Leave it out. Possible: ${possible.join(', ')}.` : `Did you mean \`${meant}\`?`,
      },
    ];
  });
};

/** A strip is written for one package manager. */
const checkStrips = ({ os: { family }, slim: { strip } }: Recipe): Problem[] => {
  const possible = FAMILY_RULES[family].strips;
  return strip.flatMap((name, index) =>
    possible.includes(name)
      ? []
      : [
          {
            path: ['slim', 'strip', index],
            message: `systems of the family ${family} have no strip \`${name}\``,
            hint: possible.length === 0 ? 'They have none so far: leave it out.' : `Possible: ${possible.join(', ')}.`,
          },
        ],
  );
};

const checkTwice = ({ slim: { remove } }: Recipe): Problem[] =>
  duplicates(remove, (index) => ['slim', 'remove', index]);

/** A template is code, and error messages show its lines. */
const checkTemplates = ({ configure }: Recipe): Problem[] =>
  configure.flatMap((step, index) =>
    'copy' in step && step.copy.template && typeof step.copy.content === 'object'
      ? [
          {
            path: ['configure', index, 'copy', 'template'],
            message: 'a secret cannot be the text of a template',
            hint: 'Write the template into the recipe or a file, and give the secret to a `run` step in `env`.',
          },
        ]
      : [],
  );

const RULES: readonly RecipeRule[] = [
  { reads: [['origin'], ['capture']], check: checkImage },
  { reads: [['origin']], check: checkProxy },
  { reads: [['os'], ['origin']], check: checkPackageKeys },
  {
    reads: [['origin'], ['machine', 'disk'], ['answers', 'disk']],
    check: checkDisk,
  },
  { reads: [['answers', 'disk'], ['origin']], check: checkLayout },
  { reads: [['capture'], ['origin'], ['answers', 'disk', 'layout']], check: checkReproducible },
  { reads: [['answers', 'network']], check: checkAddresses },
  { reads: [['machine', 'memory']], check: checkMemory },
  { reads: [['media', 'files']], check: checkMedia },
  { reads: [['variables'], ['variants']], check: checkVariants },
  { reads: [['variables'], ['hosts']], check: checkHosts },
  { reads: [['configure']], check: checkTemplates },
  { reads: [['os'], ['origin'], ['answers'], ['media', 'packages'], ['configure']], check: checkStepAccounts },
  { reads: [['os'], ['seal', 'skip']], check: checkSeal },
  { reads: [['os'], ['slim', 'strip']], check: checkStrips },
  { reads: [['slim', 'remove']], check: checkTwice },
  {
    reads: [['os'], ['answers', 'users'], ['answers', 'repositories']],
    check: checkAccounts,
  },
  { reads: ['hostname', 'domain', 'network', 'cloudInit'].map((field) => ['answers', field]), check: checkNetwork },
];
