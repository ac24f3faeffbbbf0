// Imports go one way: cli → pipeline → stages → crafts → host → errors. `ui` sees events only.
const CRAFTS = '^src/(origin|answers|template|media|machine|guest|capture|lint|diagnosis)/';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-run-imports-execa',
      severity: 'error',
      from: { pathNot: '^src/host/run\\.ts$' },
      to: { path: 'node_modules/execa' },
    },
    { name: 'errors-import-nothing', severity: 'error', from: { path: '^src/errors\\.ts$' }, to: { path: '^src/' } },
    {
      name: 'host-knows-no-craft',
      severity: 'error',
      from: { path: '^src/host/' },
      to: {
        path: '^src/(cli|pipeline|stages|recipe|distributions|ui|origin|answers|template|media|machine|guest|capture|lint|diagnosis)/',
      },
    },
    {
      name: 'crafts-know-no-stages',
      severity: 'error',
      from: { path: CRAFTS },
      to: { path: '^src/(cli|pipeline|stages|ui)/' },
    },
    {
      name: 'recipe-knows-no-craft',
      severity: 'error',
      from: { path: '^src/recipe/' },
      to: { path: '^src/(cli|pipeline|stages|ui|origin|answers|template|media|machine|guest|capture|lint|diagnosis)/' },
    },
    {
      // What can be said for a family is the recipe's layer, wherever it lies: it loads nothing of an installer.
      name: 'recipe-knows-rules-of-distributions-only',
      severity: 'error',
      from: { path: '^src/recipe/' },
      to: { path: '^src/distributions/', pathNot: '^src/distributions/rules\\.ts$' },
    },
    {
      name: 'rules-of-distributions-read-recipes',
      severity: 'error',
      from: {
        path: ['^src/distributions/rules\\.ts$', '^src/distributions/[^/]+/(rules|reserved-names|check-.*)\\.ts$'],
      },
      to: { path: '^src/', pathNot: '^src/(recipe|distributions|own|errors)' },
    },
    { name: 'stages-know-no-plan', severity: 'error', from: { path: '^src/stages/' }, to: { path: '^src/(cli|ui)/' } },
    {
      name: 'pipeline-knows-no-cli',
      severity: 'error',
      from: { path: '^src/pipeline/' },
      to: { path: '^src/(cli|ui)/' },
    },
    {
      name: 'ui-sees-events-only',
      severity: 'error',
      from: { path: '^src/ui/' },
      to: { path: '^src/', pathNot: '^src/(ui/|pipeline/events\\.ts|errors\\.ts|report\\.ts)' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/(index|cli/main)\\.ts$' },
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
