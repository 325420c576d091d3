import { fileURLToPath } from 'node:url';

import type { Benchmark } from './benchmark.ts';
import { assertBoardExact } from './harness/board-check.ts';
import { createLaurelDatabase } from './harness/laurel-database.ts';
import type { Lifetime } from './harness/lifetime.ts';
import { runLoad } from './harness/load.ts';
import { playerId } from './harness/players.ts';
import { startBenchPostgres } from './harness/postgres.ts';
import { runRedisBenchmark } from './harness/redis-benchmark.ts';
import { startBenchRedis } from './harness/redis.ts';
import type { Row } from './harness/report.ts';
import { type BenchService, startBenchService, startServer, untilIndexed } from './harness/service.ts';
import { ratiosOf, spreadOf } from './harness/statistics.ts';
import type { LoadResult } from './load-generator/plan.ts';
import type { HttpRequest } from './load-generator/request-file.ts';

const CONNECTIONS = 64;
const BOARD = '/v1/leaderboards/global';
const DEEP_OFFSET = 10_000;
/** Players who are asked for, from the middle of the board. */
const ASKED = 2000;
/** Of clients, so that no limit by address is met. */
const ADDRESSES = 250;

const bareHono = fileURLToPath(new URL('./yardsticks/bare-hono.ts', import.meta.url));

const sizes = {
  default: { players: 1_000_000, rounds: 3, seconds: 2, warmUpSeconds: 1 },
  quick: { players: 30_000, rounds: 1, seconds: 1, warmUpSeconds: 0.5 },
};
type Sizes = (typeof sizes)['default'];

/** Something to load, and what it is held against. */
interface Subject {
  readonly what: string;
  readonly service: BenchService;
  readonly requests: readonly HttpRequest[];
  readonly status?: number;
  readonly connections?: number;
  readonly yardstick?: { readonly of: Subject; readonly atLeast?: number };
  /** Of the p99, in milliseconds. */
  readonly p99AtMost?: number;
}

/** Pages and positions over HTTP, from Redis and from PostgreSQL, beside bare routes that do the same. */
export const measureRead: Benchmark = async (lifetime, { quick }) => {
  const size = sizes[quick ? 'quick' : 'default'];
  const postgres = await startBenchPostgres(lifetime);
  const url = await createLaurelDatabase(postgres, 'read', size.players);
  const redis = await startBenchRedis(lifetime);
  const env = { DATABASE_URL: url, RATE_LIMIT_READS_PER_MINUTE: '1000000', TRUSTED_PROXY_HOPS: '1' };
  const plain = await startBenchService(lifetime, env);
  const indexed = await startBenchService(lifetime, { ...env, REDIS_URL: redis.url });
  await untilIndexed(indexed);
  const subjects = await listSubjects(lifetime, { plain, indexed, redisUrl: redis.url }, size);

  const results = await measureThroughput(subjects, size);
  const paced = await measurePaced(subjects, results, size);
  const command = ['ZRANGE', 'leaderboard:{global}', '0', '9', 'REV', 'WITHSCORES'];
  const zrange = await runRedisBenchmark(redis.port, { clients: CONNECTIONS, requests: 50_000, command });
  for (const service of [plain, indexed])
    await assertBoardExact(postgres, { database: 'read', service, accepted: 0 });
  return {
    rows: [
      ...subjects.flatMap((subject) => toRows(subject, results)),
      ...paced,
      { what: 'redis-benchmark, ZRANGE of the top 10', unit: '/s', value: spreadOf([zrange]) },
    ],
    setting: { ...size, postgres: postgres.description, redis: redis.description },
  };
};

interface Services {
  readonly plain: BenchService;
  readonly indexed: BenchService;
  readonly redisUrl: string;
}

async function listSubjects(
  lifetime: Lifetime,
  { plain, indexed, redisUrl }: Services,
  { players }: Sizes,
): Promise<Subject[]> {
  const top = await fetch(`${indexed.url}${BOARD}`);
  const etag = top.headers.get('ETag') ?? '';
  const bare = await startServer(lifetime, {
    script: bareHono,
    env: { BARE_BODY: await top.text(), REDIS_URL: redisUrl },
    nodeOptions: ['--import', import.meta.resolve('tsx')],
  });
  const asked = await findInTheMiddle(indexed, players);
  const bareTop: Subject = {
    what: 'bare route, the same bytes',
    service: bare,
    requests: fromMany(['/top']),
  };
  const barePosition: Subject = {
    what: 'bare route, the same script',
    service: bare,
    requests: fromMany(asked.map((userId) => `/positions/${userId}`)),
  };
  const positions = fromMany(asked.map((userId) => `${BOARD}/users/${userId}`));
  const deep = fromMany([`${BOARD}?offset=${Math.min(DEEP_OFFSET, Math.floor(players / 2))}`]);
  const unchanged = fromMany([BOARD], { 'if-none-match': etag });
  const againstTop = { of: bareTop };
  return [
    bareTop,
    {
      what: 'top 10, Redis',
      service: indexed,
      requests: fromMany([BOARD]),
      yardstick: { of: bareTop, atLeast: 0.7 },
    },
    {
      what: 'top 10, Redis, not modified',
      service: indexed,
      requests: unchanged,
      status: 304,
      yardstick: againstTop,
    },
    { what: 'top 10, PostgreSQL', service: plain, requests: fromMany([BOARD]), yardstick: againstTop },
    { what: 'page at 10,000, Redis', service: indexed, requests: deep, yardstick: againstTop },
    { what: 'page at 10,000, PostgreSQL', service: plain, requests: deep, yardstick: againstTop },
    barePosition,
    {
      what: 'position in the middle, Redis',
      service: indexed,
      requests: positions,
      yardstick: { of: barePosition, atLeast: 0.8 },
    },
    {
      what: 'position in the middle, PostgreSQL, 8 connections',
      service: plain,
      requests: positions,
      connections: 8,
      p99AtMost: 10,
    },
  ];
}

/** Players by their ids, a hundred at a time from the middle of the board on. */
async function findInTheMiddle({ url }: BenchService, players: number): Promise<string[]> {
  const found: string[] = [];
  while (found.length < ASKED) {
    const offset = Math.floor(players / 2) + found.length;
    const answer = await fetch(`${url}${BOARD}?limit=100&offset=${offset}`);
    const { entries } = (await answer.json()) as { entries: { user_id: string }[] };
    if (entries.length === 0) throw new Error(`the board has no ${playerId(offset)} and beyond`);
    found.push(...entries.map((entry) => entry.user_id));
  }
  return found;
}

/** One request after the other for each path, from many addresses. */
function fromMany(paths: readonly string[], headers: Readonly<Record<string, string>> = {}): HttpRequest[] {
  return Array.from({ length: Math.max(ADDRESSES, paths.length) }, (_, n) => ({
    method: 'GET',
    path: paths[n % paths.length] ?? '/',
    headers: { 'x-forwarded-for': `10.0.0.${n % ADDRESSES}`, ...headers },
  }));
}

async function load(subject: Subject, { seconds, warmUpSeconds }: Sizes, ratePerSecond?: number) {
  return await runLoad({
    port: subject.service.port,
    connections: subject.connections ?? CONNECTIONS,
    requests: subject.requests,
    repeat: true,
    expect: subject.status ?? 200,
    warmUpMs: warmUpSeconds * 1000,
    measureMs: seconds * 1000,
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  });
}

type Results = ReadonlyMap<Subject, readonly LoadResult[]>;

async function measureThroughput(subjects: readonly Subject[], size: Sizes): Promise<Results> {
  const results = new Map(subjects.map((subject) => [subject, [] as LoadResult[]]));
  for (let round = 0; round < size.rounds; round += 1) {
    for (const [subject, all] of results) all.push(await load(subject, size));
  }
  return results;
}

/** The specification's bound, at half of what the service can do. */
async function measurePaced(subjects: readonly Subject[], results: Results, size: Sizes): Promise<Row[]> {
  const rows: Row[] = [];
  for (const subject of subjects) {
    if (!/^top 10, (Redis|PostgreSQL)$/.test(subject.what)) continue;
    const rate = Math.round(spreadOf(rates(results.get(subject))).median / 2);
    const { latencyMs } = await load(subject, size, rate);
    const value = spreadOf([latencyMs.p99]);
    rows.push({ what: `${subject.what}, at ${rate}/s, p99`, unit: 'ms', value, target: { atMost: 50 } });
  }
  return rows;
}

function rates(results: readonly LoadResult[] = []): number[] {
  return results.map(({ perSecond }) => perSecond);
}

function toRows(subject: Subject, results: Results): Row[] {
  const { what, yardstick, p99AtMost } = subject;
  const own = results.get(subject) ?? [];
  const ratios = yardstick && ratiosOf(rates(own), rates(results.get(yardstick.of)));
  return [
    {
      what,
      unit: '/s',
      value: spreadOf(rates(own)),
      ...(yardstick && ratios && { ratio: { to: yardstick.of.what, value: spreadOf(ratios) } }),
      ...(yardstick?.atLeast !== undefined && { target: { atLeast: yardstick.atLeast } }),
    },
    {
      what: '  p99',
      unit: 'ms',
      value: spreadOf(own.map(({ latencyMs }) => latencyMs.p99)),
      ...(p99AtMost !== undefined && { target: { atMost: p99AtMost } }),
    },
  ];
}
