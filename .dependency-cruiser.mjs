const features = 'auth|users|actions|scores|leaderboards|live|deletion|admin|demo|web';

/** A feature's files that are not services: what speaks HTTP, and what speaks SQL. */
const middleware = 'guards|verify-action';
const feature = `^src/(?:${features})/`;
const test = '[.]test[.]ts$';

/** docs/decisions.md and the layout in README.md say why; each rule here is one sentence of them. */
const forbidden = [
  {
    name: 'no-cycles',
    comment: 'Nothing imports itself by a detour; types count too, because they are how modules meet.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'feature-through-index',
    comment: 'A feature is used by everything else through its index.ts.',
    from: { path: `^src/(?:(${features})/)?`, pathNot: '/tables[.]ts$' },
    to: { path: `^src/(?:${features})/`, pathNot: ['^src/[^/]+/index[.]ts$', '^src/$1/'] },
  },
  {
    name: 'tables-reference-tables',
    comment:
      "Foreign keys may name another feature's tables, and a tables.ts knows nothing else of a feature.",
    from: { path: `${feature}tables[.]ts$` },
    to: { path: feature, pathNot: '/tables[.]ts$' },
  },
  {
    name: 'handlers-know-no-data',
    comment: 'Presentation calls services; it sees neither tables nor statements.',
    from: { path: `${feature}(?:[a-z-]*(?:handlers|html)|views|${middleware})[.]ts$` },
    to: { path: ['node_modules/(?:drizzle-orm|pg)/', `${feature}(?:[a-z-]*repository|tables)[.]ts$`] },
  },
  {
    name: 'services-know-no-http',
    comment: 'A verb takes and returns domain values, so that any presentation can call it.',
    from: { path: feature, pathNot: [`/(?:[a-z-]*(?:handlers|html)|${middleware}|index|main)[.]ts$`, test] },
    to: { path: ['node_modules/(?:@?hono|hono-openapi)/', '^src/http/', 'handlers[.]ts$'] },
  },
  {
    name: 'only-repositories-know-tables',
    comment: 'Rows become domain objects in the repository.',
    from: { path: '^src/', pathNot: ['/(?:[a-z-]*repository|tables)[.]ts$', test] },
    to: { path: '/tables[.]ts$' },
  },
  {
    name: 'only-repositories-know-the-orm',
    from: { path: '^src/', pathNot: ['^src/db/', '/(?:[a-z-]*repository|tables)[.]ts$', test] },
    to: { path: 'node_modules/(?:drizzle-orm|pg|@electric-sql)/' },
  },
  {
    name: 'foundations-know-no-feature',
    comment: 'http, db, redis, replica and telemetry serve features, so they depend on none.',
    from: { path: '^src/(?:http|db|redis|replica|telemetry)/', pathNot: test },
    to: { path: [feature, '^src/(?:app|main|local-secrets)[.]ts$'] },
  },
  {
    name: 'only-redis-knows-its-clients',
    comment: 'There is one Redis client; its types too come from src/redis.',
    from: { path: '^src/', pathNot: '^src/redis/' },
    to: { path: 'node_modules/@(?:upstash/)?redis/' },
  },
  {
    name: 'leaderboards-alone-read-the-replica',
    comment: 'Everything else has to see the newest, so no other feature has a handle on a replica.',
    from: { path: feature, pathNot: ['^src/leaderboards/', test] },
    to: { path: '^src/replica/' },
  },
  {
    name: 'browsers-get-no-service',
    comment: 'What a browser loads imports nothing that is not sent to it.',
    from: { path: '^src/web/(?:board|client)/', pathNot: test },
    to: { pathNot: '^src/web/(?:board|client)/' },
  },
  {
    name: 'services-know-no-document',
    comment: 'What touches the document runs in a browser only.',
    from: { path: '^src/', pathNot: '^src/web/client/' },
    to: { path: '^src/web/client/' },
  },
  {
    name: 'root-knows-nothing-above',
    comment:
      'errors.ts, config.ts and clock.ts are what everything may import; environment.ts is part of config.ts.',
    from: { path: '^src/(?:errors|config|environment|clock)[.]ts$' },
    to: { path: '^src/', pathNot: '^src/environment[.]ts$' },
  },
  {
    name: 'composition-roots',
    comment: 'Only main.ts starts the app; only tests may import main.ts or app.ts otherwise.',
    from: { path: '^src/', pathNot: ['^src/main[.]ts$', test] },
    to: { path: '^src/(?:main|app)[.]ts$' },
  },
  {
    name: 'no-tests-in-the-service',
    from: { path: '^src/', pathNot: test },
    to: { path: ['^test/', test] },
  },
  {
    name: 'infrastructure-knows-names',
    comment: 'Of the service it uses the names of metrics, and the service knows nothing of where it runs.',
    from: { path: '^infra/' },
    to: { path: '^src/', pathNot: '^src/telemetry/metric-names[.]ts$' },
  },
  {
    name: 'no-infrastructure-in-the-service',
    from: { path: '^src/' },
    to: { path: '^(?:infra/|sst[.]config[.]ts$)' },
  },
  {
    name: 'production-dependencies',
    comment: 'What runs in production is not a development dependency.',
    from: { path: '^src/', pathNot: test },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  },
  { name: 'resolvable', from: {}, to: { couldNotResolve: true } },
];

export default {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
