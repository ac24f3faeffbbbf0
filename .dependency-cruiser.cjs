/**
 * Imports go one way: cli → plan → stages → distributions → pipeline and crafts → formats → host → errors. Which room may import from
 * which is the table below, and all that is not in it is forbidden; ARCHITECTURE.md tells what each entry is for.
 */
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Files of src/ that every room may use. */
const GROUND = 'errors|system-error|report|own|canonical-json|suggest|judgement|patterns|waivers|counted';

const GROUND_ROOMS = ['host', 'formats'];
const CRAFTS = {
  access: [],
  template: [],
  machine: ['access'],
  media: ['recipe', 'machine'],
  origin: ['recipe', 'media'],
  lint: ['recipe', 'media'],
  answers: ['recipe', 'template'],
  diagnosis: ['machine', 'media'],
  guest: ['recipe', 'access', 'template', 'machine', 'diagnosis'],
  capture: ['recipe', 'access', 'guest'],
  adopt: ['recipe', 'access', 'capture'],
  inspect: ['capture'],
  trust: ['capture'],
  checks: ['recipe', 'capture', 'inspect'],
  egress: ['recipe', 'access', 'machine', 'guest', 'capture', 'adopt', 'inspect'],
  sbom: ['recipe', 'capture', 'inspect'],
  vulns: ['recipe', 'origin'],
  policy: ['recipe', 'attest', 'capture', 'inspect', 'egress', 'vulns'],
  attest: ['origin'],
};
/** A room, and those that it may import from; of one that is named with a file, that file alone. */
const ROOMS = {
  host: [],
  formats: ['host'],
  recipe: [...GROUND_ROOMS, 'distributions/recipe-rules.ts'],
  distributions: [...GROUND_ROOMS, 'recipe', ...Object.keys(CRAFTS)],
  ...Object.fromEntries(Object.entries(CRAFTS).map(([craft, others]) => [craft, [...GROUND_ROOMS, ...others]])),
  pipeline: [...GROUND_ROOMS, 'machine'],
  stages: [...GROUND_ROOMS, 'recipe', 'distributions', ...Object.keys(CRAFTS), 'pipeline'],
  plan: [...GROUND_ROOMS, 'recipe', 'distributions', ...Object.keys(CRAFTS), 'pipeline', 'stages'],
  // Locks and bundles are made of what the stages make, and of the recipe.
  lock: [...GROUND_ROOMS, 'recipe', 'distributions', 'origin', 'policy', 'stages', 'plan', 'plan.ts'],
  bundle: [...GROUND_ROOMS, 'recipe', 'distributions', 'origin', 'vulns', 'stages', 'plan', 'plan.ts', 'lock'],
  // The screens see events, and nothing of what makes them.
  ui: ['pipeline/events.ts'],
};

/** The imports that ARCHITECTURE.md tells of, one a line; recipes are for all. */
const told = readFileSync(join(__dirname, 'ARCHITECTURE.md'), 'utf8')
  .split('| from | to | what for |')[1]
  .split('\n\n')[0];
const toldPairs = [...told.matchAll(/^\| (\w+) \| `?([\w./-]+)`? \| \S/gm)].map(([, from, to]) => `${from} → ${to}`);
const pairs = ['recipe', ...Object.keys(CRAFTS), 'pipeline'].flatMap((from) =>
  ROOMS[from].filter((to) => ![...GROUND_ROOMS, 'recipe'].includes(to)).map((to) => `${from} → ${to}`),
);
const differing = [...new Set(pairs).symmetricDifference(new Set(toldPairs))];
if (differing.length > 0) throw new Error(`ARCHITECTURE.md and the table of imports differ: ${differing.join(', ')}`);

/** What stands above the stages may use everything below it. */
const ABOVE = ['cli'];

/** A room that the table does not know may import the ground files alone. */
const rooms = readdirSync(join(__dirname, 'src'), { withFileTypes: true })
  .filter((item) => item.isDirectory() && !ABOVE.includes(item.name))
  .map(({ name }) => name);

const roomRules = rooms.map((room) => ({
  name: `${room}-imports-what-it-may`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: {
    path: '^src/',
    pathNot: [
      ...[room, ...(ROOMS[room] ?? [])].map((one) => (one.endsWith('.ts') ? `^src/${one}$` : `^src/${one}/`)),
      `^src/(${GROUND})\\.ts$`,
    ],
  },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      // What can be said for a family is the recipe's layer, wherever it lies: it loads nothing of an installer.
      name: 'rules-of-distributions-read-recipes',
      severity: 'error',
      from: {
        path: [
          '^src/distributions/recipe-rules\\.ts$',
          '^src/distributions/[^/]+/(recipe-rules|reserved-names|check-.*)\\.ts$',
        ],
      },
      to: { path: '^src/', pathNot: `^src/(recipe|distributions)/|^src/(${GROUND})\\.ts$` },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-run-imports-execa',
      severity: 'error',
      from: { pathNot: '^src/host/run\\.ts$' },
      to: { path: 'node_modules/execa' },
    },
    {
      name: 'ground-imports-ground',
      severity: 'error',
      from: { path: `^src/(${GROUND})\\.ts$` },
      to: { path: '^src/', pathNot: `^src/(${GROUND})\\.ts$` },
    },
    { name: 'errors-import-nothing', severity: 'error', from: { path: '^src/errors\\.ts$' }, to: { path: '^src/' } },
    {
      name: 'plan-knows-no-cli',
      severity: 'error',
      from: { path: '^src/(plan|builds|verification)\\.ts$' },
      to: { path: '^src/(cli|ui)/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      // The pages' own scripts are read as text.
      from: {
        orphan: true,
        path: '^src/',
        pathNot: ['^src/(index|cli/main)\\.ts$', '^src/ui/(view|story)/[a-z-]+\\.js$'],
      },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
