// Imports go one way: cli → pipeline → stages → crafts → formats → host → errors. `ui` sees events only.
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
        path: '^src/(cli|pipeline|stages|recipe|ui|origin|answers|template|media|machine|guest|capture|lint|diagnosis)/',
      },
    },
    {
      name: 'formats-know-no-craft',
      severity: 'error',
      from: { path: '^src/formats/' },
      to: { path: '^src/', pathNot: '^src/(formats|host)/|^src/(errors|own)\\.ts$' },
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
      name: 'stages-know-no-plan',
      severity: 'error',
      from: { path: '^src/stages/' },
      to: { path: '^src/(cli|ui)/|^src/(plan|builds)\\.ts$' },
    },
    {
      name: 'pipeline-knows-no-stage',
      severity: 'error',
      from: { path: '^src/pipeline/' },
      to: { path: '^src/(cli|ui|stages)/|^src/(plan|builds)\\.ts$' },
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
