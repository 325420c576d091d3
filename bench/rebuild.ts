import { randomUUID } from 'node:crypto';
import { setTimeout as pace } from 'node:timers/promises';

import { pino } from 'pino';

import type { Database } from '../src/db/index.ts';
import { createRankings, type Rankings } from '../src/leaderboards/index.ts';
import { findIndexedPage } from '../src/leaderboards/ranking-index/index.ts';
import { findPage, findStanding } from '../src/leaderboards/repository.ts';
import { findRankedScores } from '../src/leaderboards/sync/repository.ts';
import { connectRedis, type RedisClient } from '../src/redis/index.ts';
import { createApplyBatch } from '../src/scores/apply-batch.ts';
import { rebalanceBuckets } from '../src/scores/index.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { until } from '../test/harness/until.ts';
import { execute, openBenchDatabase, timeOf } from './bench-database.ts';
import type { Benchmark } from './benchmark.ts';
import { startBenchPostgres } from './harness/postgres.ts';
import { readRedisFigure, startBenchRedis } from './harness/redis.ts';
import type { Row } from './harness/report.ts';
import { type Spread, spreadOf } from './harness/statistics.ts';

const BOARD = 'global';
const WRITERS = 4;
const READERS = 2;
const CALM_MS = 10_000;
const QUICK_CALM_MS = 1000;
const PATIENCE_MS = 1_200_000;
const MAX_SECONDS = 60;
const MAX_READ_P99_MS = 50;
const MIN_PLAYERS = 1000;
const sizes = { default: 1_000_000, quick: 20_000, large: 5_000_000 };
const SAMPLES = 2000;
/** The expected size of what is read at once where everything is read. */
const PAGE = 100;

interface Bench {
  readonly db: Database;
  readonly redis: RedisClient;
  readonly rankings: Rankings;
  readonly userIds: readonly string[];
}

type Figures = ReturnType<typeof toFigures>;

interface Played {
  readonly seconds: number;
  readonly writes: Figures;
  readonly reads: Figures;
}

interface Times {
  readonly writes: number[];
  readonly reads: number[];
}

async function fill(db: Database, players: number): Promise<string[]> {
  const prefix = `${randomUUID().slice(0, 8)}-`;
  await execute(
    db,
    'INSERT INTO users (id, username) SELECT gen_random_uuid(), $2 || n FROM generate_series(1, $1) AS n',
    [players, prefix],
  );
  await execute(
    db,
    `INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
     SELECT $1, id, floor(random() * 1e6)::bigint, now() - random() * interval '30 days', 1, now() - interval '1 day'
     FROM users`,
    [BOARD],
  );
  while ((await rebalanceBuckets(db, { unsplittable: new Map() })) > 0);
  await execute(db, 'VACUUM ANALYZE scores, score_counts, users');
  const rows = await execute<{ id: string }>(db, 'SELECT id FROM users ORDER BY random() LIMIT 20000');
  return rows.map(({ id }) => id);
}

/** Scores and reads through the code of the service until the signal. */
function play({ db, rankings, userIds }: Bench, times: Times, signal: AbortSignal): Promise<unknown> {
  const apply = createApplyBatch(db);
  const write = async (writer: number) => {
    for (let n = writer; !signal.aborted; n += WRITERS) {
      const userId = userIds[n % userIds.length] ?? '';
      times.writes.push(await timeOf(async () => await scoreOnce(apply, rankings, userId)));
    }
  };
  const read = async () => {
    while (!signal.aborted) {
      times.reads.push(await timeOf(async () => await readOnce(db, rankings)));
    }
  };
  const writers = Array.from({ length: WRITERS }, async (_, writer) => await write(writer));
  return Promise.all([...writers, ...Array.from({ length: READERS }, read)]);
}

async function scoreOnce(
  apply: ReturnType<typeof createApplyBatch>,
  rankings: Rankings,
  userId: string,
): Promise<void> {
  const action = {
    leaderboardId: BOARD,
    userId,
    actionId: randomUUID(),
    scoreDelta: 1,
    maxScore: 1,
    expiresAt: 4e9,
  };
  const [outcome] = await apply([action], 2000);
  if (outcome?.kind !== 'scored') throw new Error(`a score ended as ${String(outcome?.kind)}`);
  await rankings.write({ leaderboardId: BOARD, userId, ...outcome.current });
}

async function readOnce(db: Database, rankings: Rankings): Promise<void> {
  const page = { limit: 10, offset: 0 };
  const found = (await rankings.findPage(BOARD, page)) ?? (await findPage(db, BOARD, page));
  if (found?.entries.length !== 10) throw new Error('a page was not whole');
}

async function during(bench: Bench, work: () => Promise<unknown>): Promise<Played> {
  const times: Times = { writes: [], reads: [] };
  const over = new AbortController();
  const playing = play(bench, times, over.signal);
  const ms = await timeOf(work);
  over.abort();
  await playing;
  return {
    seconds: Number((ms / 1000).toFixed(1)),
    writes: toFigures(times.writes),
    reads: toFigures(times.reads),
  };
}

function toFigures(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Number((sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2));
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

/** Throws where the index and PostgreSQL differ in order, score or time, anywhere on the board. */
async function assertSame({ db, redis }: Bench): Promise<number> {
  const calls = redis.within({ commandMs: 5000 });
  let seen = 0;
  let after: Awaited<ReturnType<typeof findRankedScores>>[number] | undefined;
  for (;;) {
    const rows = await findRankedScores(db, BOARD, { after, limit: PAGE });
    const page = await findIndexedPage(calls, BOARD, { limit: PAGE, offset: seen });
    const same = rows.every((row, index) => {
      const entry = page?.entries[index];
      return (
        entry?.userId === row.userId &&
        entry.totalScore === row.totalScore &&
        entry.scoreFirstReachedAt === row.scoreFirstReachedAt
      );
    });
    if (!same || page?.entries.length !== rows.length)
      throw new Error(`the stores differ after rank ${seen}`);
    seen += rows.length;
    after = rows.at(-1);
    if (rows.length < PAGE) return seen;
  }
}

async function timePositions({ db, rankings, userIds }: Bench) {
  const ask = { index: [] as number[], postgres: [] as number[] };
  for (const userId of userIds.slice(0, SAMPLES)) {
    const player = { userId, around: 5 };
    ask.index.push(await timeOf(async () => await rankings.findPosition(BOARD, player)));
    ask.postgres.push(await timeOf(async () => await findStanding(db, BOARD, player)));
  }
  return { index: toFigures(ask.index), postgres: toFigures(ask.postgres) };
}

function toRows(what: string, { seconds, writes, reads }: Played, more: Pick<Row, 'target'> = {}): Row[] {
  return [
    { what, unit: 's', value: single(seconds), ...more },
    {
      what: '  top 10 meanwhile, p99',
      unit: 'ms',
      value: single(reads.p99Ms),
      target: { atMost: MAX_READ_P99_MS },
    },
    { what: '  score update meanwhile, p99', unit: 'ms', value: single(writes.p99Ms) },
  ];
}

function single(value: number): Spread {
  return spreadOf([value]);
}

/** The ranking index built from nothing, and again, while players score and look; all of it compared afterwards. */
export const measureRebuild: Benchmark = async (lifetime, options) => {
  const players = options.players ?? sizes[options.quick ? 'quick' : options.large ? 'large' : 'default'];
  if (players < MIN_PLAYERS) throw new Error(`--players must be at least ${MIN_PLAYERS}, and is ${players}`);
  const postgres = await startBenchPostgres(lifetime);
  const { db, remove } = await openBenchDatabase(await postgres.createDatabase('rebuild'));
  lifetime.onEnd(remove);
  const server = await startBenchRedis(lifetime);
  const clock = Date.now;
  const log = pino({ level: 'error' }, process.stderr);
  const redis = connectRedis({ url: server.url, caFile: undefined }, { log });
  lifetime.onEnd(async () => await redis.close());
  await until('Redis is used', () => redis.health.usable);
  const userIds = await fill(db, players);
  const emptyBytes = await readRedisFigure(server, 'memory', 'used_memory');
  const metrics = createMetrics({ clock, driftIntervalMs: undefined });
  const rankings = createRankings({ db, redis, clock, log, metrics });
  lifetime.onEnd(async () => await rankings.close());
  const bench: Bench = { db, redis, rankings, userIds };
  const isIndexed = async () => (await rankings.findPage(BOARD, { limit: 1, offset: 0 })) !== undefined;
  const built = await during(
    bench,
    async () => await until('the index is built', isIndexed, { timeoutMs: PATIENCE_MS }),
  );
  const usedBytes = (await readRedisFigure(server, 'memory', 'used_memory')) - emptyBytes;
  const calmMs = options.quick ? QUICK_CALM_MS : CALM_MS;
  const calm = await during(bench, async () => await pace(calmMs));
  const again = await during(bench, async () => await rankings.sync.sync(BOARD, 'rebuild'));
  const compared = await assertSame(bench);
  const positions = await timePositions(bench);
  const rows: Row[] = [
    ...toRows(`${players} players into an empty Redis`, built, {
      ...(players >= sizes.default && { target: { atMost: MAX_SECONDS } }),
    }),
    ...toRows('nothing to build, for comparison', calm),
    ...toRows('built again beside what is shown', again),
    { what: 'Redis, a player', unit: 'bytes', value: single(usedBytes / players) },
    { what: 'position, Redis, p99', unit: 'ms', value: single(positions.index.p99Ms) },
    { what: 'position, PostgreSQL, p99', unit: 'ms', value: single(positions.postgres.p99Ms) },
  ];
  const setting = { players, compared, postgres: postgres.description, redis: server.description };
  return { rows, setting };
};
