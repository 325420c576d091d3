import { randomInt } from 'node:crypto';

import type { Benchmark } from './benchmark.ts';
import { assertBoardExact } from './harness/board-check.ts';
import { createLaurelDatabase } from './harness/laurel-database.ts';
import type { Lifetime } from './harness/lifetime.ts';
import { runLoad } from './harness/load.ts';
import { runPgbench } from './harness/pgbench.ts';
import { type LoggedIn, logInPlayers, toScoreRequest } from './harness/players.ts';
import { type BenchPostgres, startBenchPostgres } from './harness/postgres.ts';
import { startBenchRedis } from './harness/redis.ts';
import type { Row } from './harness/report.ts';
import { type BenchService, startBenchService } from './harness/service.ts';
import { ratiosOf, spreadOf } from './harness/statistics.ts';
import { createTextbookDatabase, textbookTransaction } from './harness/textbook.ts';
import type { LoadResult } from './load-generator/plan.ts';
import type { HttpRequest } from './load-generator/request-file.ts';

const CONNECTIONS = 64;
const PGBENCH_CLIENTS = 16;
const MAX_DELTA = 100;
/** More than any machine of this size has shown; a run that uses them up ends there. */
const MAX_PER_SECOND = 16_000;
/** Before anything is measured. V8 compiles what an update runs, and the processor time of one falls by a third. */
const COMPILE_SECONDS = 8;
/** Measured once each, for the shape of the curve. */
const OTHER_CONNECTIONS = [1, 8, 256];

/** How many of the textbook's transactions a second Laurel shall make at least. */
const minRatio: Readonly<Record<string, number>> = { 'with Redis': 1.25, 'without Redis': 1.5 };

interface Sizes {
  readonly players: number;
  /** How many of them play; each stays below the limit of 120 updates a minute. */
  readonly active: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

const sizes: Readonly<Record<'default' | 'quick', Sizes>> = {
  default: { players: 100_000, active: 10_000, rounds: 4, seconds: 4, warmUpSeconds: 1 },
  quick: { players: 10_000, active: 2000, rounds: 1, seconds: 2, warmUpSeconds: 0.5 },
};

/** One way to run Laurel. */
interface Subject {
  readonly name: string;
  readonly database: string;
  readonly service: BenchService;
  readonly players: readonly LoggedIn[];
  /** How many updates were answered with 200 so far. */
  accepted: number;
}

interface Run {
  readonly connections: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly ratePerSecond?: number;
}

/** Score updates over HTTP, with and without Redis, beside the transaction of the specification in pgbench. */
export const measureWrite: Benchmark = async (lifetime, { quick }) => {
  const size = sizes[quick ? 'quick' : 'default'];
  const postgres = await startBenchPostgres(lifetime);
  await createTextbookDatabase(postgres, 'textbook', size.players);
  const redis = await startBenchRedis(lifetime);
  const subjects = [
    await prepare(lifetime, postgres, size, { name: 'with Redis', env: { REDIS_URL: redis.url } }),
    await prepare(lifetime, postgres, size, { name: 'without Redis', env: {} }),
  ];
  const compileSeconds = quick ? size.seconds : COMPILE_SECONDS;
  await transact(postgres, size);
  for (const subject of subjects)
    await write(postgres, subject, { ...size, seconds: compileSeconds, connections: CONNECTIONS });

  const throughput = await measureThroughput(postgres, subjects, size);
  const others = await measureOtherConnections(postgres, subjects, size);
  const latency = await measureLatency(postgres, subjects, size, throughput);
  for (const subject of subjects) await assertBoardExact(postgres, subject);
  return {
    rows: [...throughput.rows, ...others, ...latency],
    setting: { ...size, compileSeconds, postgres: postgres.description, redis: redis.description },
  };
};

async function prepare(
  lifetime: Lifetime,
  postgres: BenchPostgres,
  { players, active }: Sizes,
  { name, env }: { name: string; env: Readonly<Record<string, string>> },
): Promise<Subject> {
  const database = name.toLowerCase().replaceAll(' ', '_');
  const url = await createLaurelDatabase(postgres, database, players);
  const loggedIn = await logInPlayers(postgres, database, active);
  // The limit counts, and is above what a player of these few does in all the rounds of a run.
  const limit = { RATE_LIMIT_SCORES_PER_MINUTE: '10000' };
  const service = await startBenchService(lifetime, { DATABASE_URL: url, ...limit, ...env });
  return { name, database, service, players: loggedIn, accepted: 0 };
}

/** What an update costs, which a busy machine changes less than how long it takes. */
interface Cost {
  /** Of the service's process. */
  readonly cpuMicroseconds: number;
  readonly walBytes: number;
}

/** Writes as one run says, each update by the next of the active players. Returns what the load generator saw. */
async function write(postgres: BenchPostgres, subject: Subject, run: Run): Promise<LoadResult & Cost> {
  const { connections, seconds, warmUpSeconds, ratePerSecond = MAX_PER_SECOND } = run;
  const count = Math.ceil(ratePerSecond * 1.1 * (seconds + warmUpSeconds));
  await postgres.settle();
  const before = { cpuSeconds: subject.service.usage().cpuSeconds, walBytes: await postgres.walBytes() };
  const result = await runLoad({
    port: subject.service.port,
    connections,
    requests: scoreRequests(subject.players, count),
    repeat: false,
    expect: 200,
    warmUpMs: warmUpSeconds * 1000,
    measureMs: seconds * 1000,
    ...(run.ratePerSecond !== undefined && { ratePerSecond: run.ratePerSecond }),
  });
  const accepted = result.statuses[200] ?? 0;
  subject.accepted += accepted;
  const cpuSeconds = subject.service.usage().cpuSeconds - before.cpuSeconds;
  const walBytes = (await postgres.walBytes()) - before.walBytes;
  return { ...result, cpuMicroseconds: (cpuSeconds * 1e6) / accepted, walBytes: walBytes / accepted };
}

function* scoreRequests(players: readonly LoggedIn[], count: number): Generator<HttpRequest> {
  const start = randomInt(players.length);
  for (let n = 0; n < count; n += 1) {
    const player = players[(start + n) % players.length];
    if (player !== undefined) yield toScoreRequest(player, randomInt(1, MAX_DELTA + 1));
  }
}

async function transact(postgres: BenchPostgres, { players, seconds }: Sizes, ratePerSecond?: number) {
  await postgres.settle();
  return await runPgbench(postgres, {
    database: 'textbook',
    script: textbookTransaction,
    variables: { players },
    clients: PGBENCH_CLIENTS,
    seconds,
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  });
}

interface Throughput {
  readonly rows: readonly Row[];
  /** Updates a second of each subject. */
  readonly medians: ReadonlyMap<Subject, number>;
}

/** As fast as it goes, in rounds of the yardstick and each subject. */
async function measureThroughput(
  postgres: BenchPostgres,
  subjects: readonly Subject[],
  size: Sizes,
): Promise<Throughput> {
  const yardstick: number[] = [];
  const measured = subjects.map((subject) => ({ subject, results: [] as (LoadResult & Cost)[] }));
  for (let round = 0; round < size.rounds; round += 1) {
    yardstick.push((await transact(postgres, size)).perSecond);
    for (const { subject, results } of measured)
      results.push(await write(postgres, subject, { ...size, connections: CONNECTIONS }));
  }
  const rows = measured.flatMap(({ subject, results }) => toThroughputRows(subject, results, yardstick));
  const pgbench = { what: `pgbench, ${PGBENCH_CLIENTS} clients`, unit: '/s', value: spreadOf(yardstick) };
  const medianOf = (results: readonly LoadResult[]) =>
    spreadOf(results.map(({ perSecond }) => perSecond)).median;
  const medians = new Map(measured.map(({ subject, results }) => [subject, medianOf(results)]));
  return { rows: [pgbench, ...rows], medians };
}

function toThroughputRows(
  { name }: Subject,
  results: readonly (LoadResult & Cost)[],
  yardstick: readonly number[],
): Row[] {
  const perSecond = results.map((result) => result.perSecond);
  const spread = (of: (result: LoadResult & Cost) => number) => spreadOf(results.map(of));
  return [
    {
      what: `POST /v1/scores, ${name}, ${CONNECTIONS} connections`,
      unit: '/s',
      value: spreadOf(perSecond),
      ratio: { to: 'pgbench', value: spreadOf(ratiosOf(perSecond, yardstick)) },
      target: { atLeast: minRatio[name] ?? 1 },
    },
    { what: '  p99', unit: 'ms', value: spread(({ latencyMs }) => latencyMs.p99) },
    {
      what: '  CPU of the service, an update',
      unit: 'µs',
      value: spread(({ cpuMicroseconds }) => cpuMicroseconds),
    },
    { what: '  write-ahead log, an update', unit: 'bytes', value: spread(({ walBytes }) => walBytes) },
  ];
}

async function measureOtherConnections(
  postgres: BenchPostgres,
  subjects: readonly Subject[],
  size: Sizes,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const subject of subjects) {
    for (const connections of OTHER_CONNECTIONS) {
      const seconds = size.seconds / 2;
      const { perSecond, latencyMs } = await write(postgres, subject, { ...size, seconds, connections });
      const what = `POST /v1/scores, ${subject.name}, ${connections} connection${connections === 1 ? '' : 's'}`;
      rows.push({ what, unit: '/s', value: spreadOf([perSecond]) });
      rows.push({ what: '  p99', unit: 'ms', value: spreadOf([latencyMs.p99]) });
    }
  }
  return rows;
}

/** At half of what each subject can do, beside the yardstick at the same rate. */
async function measureLatency(
  postgres: BenchPostgres,
  subjects: readonly Subject[],
  size: Sizes,
  { medians }: Throughput,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const subject of subjects) {
    const ratePerSecond = Math.round((medians.get(subject) ?? 0) / 2);
    const p99: number[] = [];
    const yardstick: number[] = [];
    for (let round = 0; round < Math.ceil(size.rounds / 2); round += 1) {
      yardstick.push((await transact(postgres, size, ratePerSecond)).p99Ms);
      const run = { ...size, connections: CONNECTIONS, ratePerSecond };
      p99.push((await write(postgres, subject, run)).latencyMs.p99);
    }
    rows.push(
      { what: `pgbench at ${ratePerSecond}/s, p99`, unit: 'ms', value: spreadOf(yardstick) },
      {
        what: `POST /v1/scores, ${subject.name}, at ${ratePerSecond}/s, p99`,
        unit: 'ms',
        value: spreadOf(p99),
        ratio: { to: 'pgbench', value: spreadOf(ratiosOf(p99, yardstick)) },
        target: { atMost: 3 },
      },
      {
        what: '  the specification: below 100 ms',
        unit: 'ms',
        value: spreadOf(p99),
        target: { atMost: 100 },
      },
    );
  }
  return rows;
}
