/**
 * Evaluates sst.config.ts for a stage without AWS: as the command line would, but resources are recorded instead of
 * made. Needs .sst/platform. Usage: evaluate.mjs STAGE [EDITS AS JSON]; prints one JSON document.
 */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

import { importBundled, platform, requirePlatform, root } from './bundle.mjs';
import { answer, answerRpc, createResource } from './mock-aws.mjs';

const [stage, editsText = '[]'] = process.argv.slice(2);
const edits = JSON.parse(editsText);
const pulumi = requirePlatform('@pulumi/pulumi');
const rpc = requirePlatform('@pulumi/pulumi/runtime/rpc.js');

/** The program is over when no output waits any more, and nothing else can tell. */
process.once('beforeExit', () => writeSync(1, JSON.stringify({ app, resources })));

const app = await readApp();
const region = app.providers.aws.region;
const resources = [];
pulumi.runtime.setMocks(
  {
    newResource: (args) => createResource(args, region),
    call: (args) => answer(args, region),
  },
  app.name,
  stage,
  false,
  'organization',
);
recordRegistrations();
await answerRemoteProcedures();
await runProgram();

async function readApp() {
  const { default: config } = await importBundled(`export { default } from './sst.config.ts'`, {
    head: 'const $config = (config) => config;',
    edits,
  });
  return { removal: 'retain', ...(await config.app({ stage })), stage };
}

/** Mocks are told less than the engine is: options such as ignoreChanges are missing. */
function recordRegistrations() {
  const monitor = pulumi.runtime.getMonitor();
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    resources.push({
      type: request.getType(),
      name: request.getName(),
      properties: rpc.deserializeProperties(request.getObject()),
      retained: request.getRetainondelete(),
      ignoreChanges: request.getIgnorechangesList(),
      dependsOn: [...new Set(request.getDependenciesList().map((urn) => urn.split('::').pop()))],
    });
    return register(request, callback);
  };
}

async function answerRemoteProcedures() {
  const server = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      const { method } = JSON.parse(Buffer.concat(parts).toString());
      // A connection kept alive would keep this process alive.
      response.setHeader('connection', 'close').end(JSON.stringify(answerRpc(method, region)));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  process.env['SST_SERVER'] = `http://127.0.0.1:${server.address().port}`;
}

async function runProgram() {
  const cli = {
    command: 'diff',
    dev: false,
    paths: { home: '/nonexistent', root, work: path.join(root, '.sst'), platform },
    state: { version: {} },
  };
  const quoted = (file) => JSON.stringify(path.join(platform, file));
  const { default: main } = await importBundled(
    `import { run } from ${quoted('src/auto/run.ts')};
     import config from './sst.config.ts';
     export default () => run(config.run);`,
    {
      globals: `import * as aws from '@pulumi/aws'; import * as random from '@pulumi/random'; import * as sst from ${quoted('src/components')};`,
      inject: [path.join(platform, 'src/shim/run.js')],
      define: { $app: JSON.stringify(app), $cli: JSON.stringify(cli), $dev: 'false' },
      edits,
    },
  );
  await pulumi.runtime.runInPulumiStack(main);
}
