import { fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { setTimeout as pace } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { buildService } from '../test/harness/build-service.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../test/harness/players.ts';
import { openBenchDatabase } from './bench-database.ts';
import { type MeasuredService, startMeasuredService } from './fan-out/service.ts';
import { openStore } from './soak/store.ts';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '1000' },
    updates: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '15' },
    store: { type: 'string', default: 'private' },
  },
});
const connections = Number(values.connections);
const updatesPerSecond = Number(values.updates);
const seconds = Number(values.seconds);

/** All of them are visible. */
const PLAYERS = 10;
const SETTLE_MS = 3000;

interface Update {
  /** In milliseconds since 1970, a moment before the commit. */
  readonly committedAt: number;
  readonly userId: string;
  readonly total: number;
}

type Histogram = Readonly<Record<string, number>>;

interface Arrivals {
  readonly latencies: Histogram;
  /** Of the last client that an update reached. */
  readonly last: Histogram;
  /** Times that a client was sent a later event in place of the first that showed an update. */
  readonly missing: number;
  readonly closed: number;
}

async function scoreOnce(port: number, player: InsertedPlayer): Promise<Update> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/scores`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${player.accessToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ action_token: signTestAction(player.userId), score_delta: 1 }),
  });
  if (!response.ok) throw new Error(`a score was answered with ${response.status}`);
  const verdict = (await response.json()) as { total_score: number; score_first_reached_at: string };
  const reachedAt = verdict.score_first_reached_at;
  const committedAt = Date.parse(reachedAt) + Number(reachedAt.slice(23, 26)) / 1000;
  return { committedAt, userId: player.userId, total: verdict.total_score };
}

/** An open loop: an update begins at its time, whether or not those before it are answered. */
async function score(port: number, players: readonly InsertedPlayer[], count: number): Promise<Update[]> {
  const startsAt = performance.now();
  const updates: Promise<Update>[] = [];
  for (let n = 0; n < count; n += 1) {
    await pace(Math.max(0, startsAt + (n * 1000) / updatesPerSecond - performance.now()));
    updates.push(scoreOnce(port, players[n % players.length] as InsertedPlayer));
  }
  return await Promise.all(updates);
}

interface Shown {
  readonly version: number;
  readonly entries: readonly { readonly user_id: string; readonly total_score: number }[];
}

/** One more stream, whose events are read. */
function watch(port: number): { readonly pages: readonly Shown[]; stop: () => void } {
  const pages: Shown[] = [];
  const stopping = new AbortController();
  const read = async () => {
    const { body } = await fetch(`http://127.0.0.1:${port}/v1/leaderboards/global/stream`, stopping);
    let rest = '';
    for await (const text of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) pages.push(JSON.parse(data) as Shown);
      }
    }
  };
  void read().catch(() => {});
  return { pages, stop: () => stopping.abort() };
}

/** The first event that shows an update, or what came of it since. */
function versionOf({ userId, total }: Update, pages: readonly Shown[]): number {
  const page = pages.find(({ entries }) =>
    entries.some(({ user_id, total_score }) => user_id === userId && total_score >= total),
  );
  if (page === undefined) throw new Error('an update was never shown');
  return page.version;
}

function quantile(histogram: Histogram, share: number): number {
  const counts = Object.entries(histogram).toSorted(([one], [other]) => Number(one) - Number(other));
  const wanted = share * counts.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [ms, count] of counts) {
    seen += count;
    if (seen >= wanted) return Number(ms);
  }
  return Number.NaN;
}

async function connectClients(port: number) {
  const clients = fork(fileURLToPath(new URL('fan-out/clients.mjs', import.meta.url)));
  process.once('exit', () => clients.kill('SIGKILL'));
  const ask = async <Answer>(message: object): Promise<Answer> => {
    clients.send(message);
    const [answer] = (await once(clients, 'message')) as [Answer];
    return answer;
  };
  await ask({ port, count: connections });
  return { ask, stop: () => clients.disconnect() };
}

async function measureIdle(service: MeasuredService): Promise<number> {
  await pace(SETTLE_MS);
  return (await service.measure()).rss;
}

await buildService();
const opened = await openStore({ store: values.store });
const bench = await openBenchDatabase(opened.env['DATABASE_URL'] ?? values.store);
const players = await insertPlayers(bench.db, PLAYERS);
const service = await startMeasuredService({
  ...opened.env,
  SSE_MAX_CONNECTIONS: String(connections + 10),
});
const { port } = service;
// The code of both paths is compiled, and buffers are made, before memory is measured.
await score(port, players, updatesPerSecond);
const before = await measureIdle(service);
const clients = await connectClients(port);
const idle = await measureIdle(service);
const reference = watch(port);
await pace(SETTLE_MS);
const begun = await service.measure();
const updates = await score(port, players, updatesPerSecond * seconds);
await pace(SETTLE_MS);
const ended = await service.measure();
const arrivals = await clients.ask<Arrivals>({
  updates: updates.map((update) => ({
    committedAt: update.committedAt,
    version: versionOf(update, reference.pages),
  })),
});
reference.stop();
clients.stop();
await service.stop();
await bench.remove();
await opened.remove();

const kib = (bytes: number) => Math.round((bytes / 1024 / connections) * 10) / 10;
const result = {
  connections,
  updatesPerSecond,
  seconds,
  events: reference.pages.length,
  latencyMs: {
    p50: quantile(arrivals.latencies, 0.5),
    p99: quantile(arrivals.latencies, 0.99),
    max: quantile(arrivals.latencies, 1),
  },
  lastClientMs: { p50: quantile(arrivals.last, 0.5), p99: quantile(arrivals.last, 0.99) },
  skipped: arrivals.missing,
  closed: arrivals.closed,
  kibPerConnection: { idle: kib(idle - before), afterLoad: kib(ended.rss - before) },
  loopHeldMs: ended.loop,
  cpuCores:
    (ended.cpu.user + ended.cpu.system - begun.cpu.user - begun.cpu.system) /
    1e6 /
    (seconds + SETTLE_MS / 1000),
  loadAverage: loadavg().map((load) => Math.round(load * 10) / 10),
};
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
process.exit();
