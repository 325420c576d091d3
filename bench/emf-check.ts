import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { connectPostgres, migratePostgres } from '../src/db/index.ts';
import { type EmfEvent, findFlaws, percentile, valuesOf } from '../test/emf/schema.ts';
import { buildService } from '../test/harness/build-service.ts';
import { freePort } from '../test/harness/free-port.ts';
import { insertPlayers } from '../test/harness/players.ts';
import { openStore } from './soak/store.ts';
import { driveTraffic } from './telemetry/traffic.ts';
import { startWatchedService } from './telemetry/watched-service.ts';

const PLAYERS = 200;
const TOLERANCE = 0.02;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, store: { type: 'string', default: 'private' } },
});
const forMs = Number(values.minutes) * 60_000;
if (!(forMs > 0)) throw new Error(`--minutes must be a number above 0, and is ${values.minutes}`);

interface AccessLine {
  readonly msg?: string;
  readonly route: string;
  readonly status: number;
  readonly duration_ms: number;
}

const latencyOf: Readonly<Record<string, string>> = {
  '/v1/scores': 'ScoreUpdateLatency',
  '/v1/leaderboards/:leaderboard_id': 'LeaderboardReadLatency',
  '/v1/leaderboards/:leaderboard_id/users/:user_id': 'LeaderboardReadLatency',
};

/** The durations that the access log has, of every single request. */
const logged = new Map<string, number[]>([...new Set(Object.values(latencyOf))].map((name) => [name, []]));
const events: EmfEvent[] = [];
const flaws: string[] = [];

function read(line: string): void {
  const parsed = JSON.parse(line) as AccessLine | EmfEvent;
  if ('_aws' in parsed) {
    flaws.push(...findFlaws(line));
    return void events.push(parsed);
  }
  const { msg, route, status, duration_ms: durationMs } = parsed;
  if (msg === 'request' && status < 400) logged.get(latencyOf[route] ?? '')?.push(durationMs);
}

await buildService();
const store = await openStore(values);
const databaseUrl = store.env['DATABASE_URL'] ?? '';
await migratePostgres({ url: databaseUrl, caFile: undefined });
const db = connectPostgres({ url: databaseUrl, poolSize: 2, caFile: undefined, onIdleError: () => {} });
const players = await insertPlayers(db, PLAYERS);
const env = { ...store.env, LOG_LEVEL: 'info', METRICS_EMF: 'true' };
const service = await startWatchedService(await freePort(), env, read);
const { answered } = await driveTraffic(service.url, players, forMs);
await service.stop();
await db.close();
await store.remove();

const latencies = Array.from(logged, ([name, durationsMs]) => {
  const [p99Logged, p99Told] = [percentile(durationsMs, 99), percentile(valuesOf(events, name), 99)];
  return { name, requests: durationsMs.length, p99Logged, p99Told, ratio: p99Told / p99Logged };
});
const told = valuesOf(events, 'Requests').reduce((sum, count) => sum + count, 0);
process.stdout.write(
  `${JSON.stringify({ answered, told, lines: events.length, flaws: flaws.slice(0, 10), latencies, load: loadavg() }, undefined, 2)}\n`,
);
const isRight =
  flaws.length === 0 && told === answered && latencies.every(({ ratio }) => Math.abs(ratio - 1) <= TOLERANCE);
process.exitCode = isRight ? 0 : 1;
