import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { buildService } from '../test/harness/build-service.ts';
import { freePort } from '../test/harness/free-port.ts';
import { insertPlayers } from '../test/harness/players.ts';
import { connectPostgres, migratePostgres } from '../src/db/index.ts';
import { medianOf } from './bench-database.ts';
import { openStore } from './soak/store.ts';
import { driveTraffic } from './telemetry/traffic.ts';
import { startWatchedService } from './telemetry/watched-service.ts';

const PLAYERS = 200;
/** What logs and metrics may cost: a twentieth of the throughput. */
const MIN_RATIO = 0.95;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '3' },
    store: { type: 'string', default: 'private' },
  },
});
const rounds = Number(values.rounds);
const roundMs = Number(values.seconds) * 1000;
if (!(rounds >= 1) || !(roundMs > 0)) throw new Error('--rounds and --seconds must be numbers above 0');

await buildService();
const store = await openStore(values);
const databaseUrl = store.env['DATABASE_URL'] ?? '';
await migratePostgres({ url: databaseUrl, caFile: undefined });
const db = connectPostgres({ url: databaseUrl, poolSize: 2, caFile: undefined, onIdleError: () => {} });
const players = await insertPlayers(db, PLAYERS);
const start = async (env: Readonly<Record<string, string>>) =>
  await startWatchedService(await freePort(), { ...store.env, ...env }, () => {});
const telling = await start({ LOG_LEVEL: 'info', METRICS_EMF: 'true' });
const silent = await start({ LOG_LEVEL: 'silent', METRICS_EMF: 'false' });
const perSecond = async ({ url }: { url: string }, ms = roundMs) => {
  const { answered, ms: took } = await driveTraffic(url, players, ms);
  return (answered / took) * 1000;
};

// Compiled and connected by then.
for (const service of [telling, silent]) await perSecond(service);
const pairs: { telling: number; silent: number }[] = [];
for (let n = 0; n < rounds; n += 1) {
  // Each goes first in half of the rounds.
  if (n % 2 === 0) pairs.push({ telling: await perSecond(telling), silent: await perSecond(silent) });
  else pairs.push({ silent: await perSecond(silent), telling: await perSecond(telling) });
}
const ratios = pairs.map((pair) => pair.telling / pair.silent);
const result = {
  perSecondTelling: Math.round(medianOf(pairs.map((pair) => pair.telling))),
  perSecondSilent: Math.round(medianOf(pairs.map((pair) => pair.silent))),
  ratio: medianOf(ratios),
  ratios: ratios.map((ratio) => Number(ratio.toFixed(3))),
  load: loadavg(),
};
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
await Promise.all([telling.stop(), silent.stop()]);
await db.close();
await store.remove();
process.exitCode = result.ratio >= MIN_RATIO ? 0 : 1;
