import { setTimeout as pace } from 'node:timers/promises';

import type { Benchmark } from './benchmark.ts';
import { assertSocketsAllowed } from './harness/file-limit.ts';
import { createLaurelDatabase } from './harness/laurel-database.ts';
import { type Lifetime, withLifetime } from './harness/lifetime.ts';
import { type LoggedIn, logInPlayers } from './harness/players.ts';
import { startBenchPostgres } from './harness/postgres.ts';
import { startBenchRedis } from './harness/redis.ts';
import type { Row } from './harness/report.ts';
import { quantileOf, ratiosOf, type Spread, spreadOf } from './harness/statistics.ts';
import type { Broadcaster } from './live/broadcaster.ts';
import { type Laurel, startLaurel } from './live/laurel.ts';
import { assertNchanInstalled, startNchan } from './live/nchan.ts';
import { openStreams, quantileOfHistogram, type Streams } from './live/streams.ts';

/** All of them are visible. */
const PLAYERS = 10;
/** From one broadcast to the next, if everybody has it by then. */
const INTERVAL_MS = 500;
/** For a collection of garbage, and for sockets to come to rest. */
const SETTLE_MS = 1000;
const MAX_COLLECTIONS = 8;
/** The share of the lowest measurement so far that the next one has to be below for another. */
const AT_REST = 0.99;
const WARM_UP_BROADCASTS = 20;
const WARM_UP_SECONDS = 2;
const PER_SECOND = 200;
/** The design's: Laurel against nchan, and KiB. Below, what is fixed for each process weighs more. */
const TARGET_STREAMS = 10_000;
const MAX_RATIO = 1;
const MAX_KIB = 13;
/** The specification's. */
const MAX_BROADCAST_P99_MS = 200;

const sizes = {
  default: { streams: [1000, 5000, 10_000], rounds: 3, broadcasts: 6, pacedRounds: 5, seconds: 3 },
  quick: { streams: [200], rounds: 1, broadcasts: 4, pacedRounds: 1, seconds: 2 },
};
type Sizes = (typeof sizes)['default'];

/** A broadcaster with its streams and what was measured of it. */
interface Subject {
  readonly broadcaster: Broadcaster;
  readonly streams: Streams;
  readonly kibPerStream: number;
  readonly rounds: Round[];
}

interface Round {
  /** Until the last client had it, in milliseconds, for each broadcast. */
  readonly lastMs: readonly number[];
  /** Of the broadcaster, for each broadcast. */
  readonly cpuMs: number;
}

interface Stores {
  readonly players: readonly LoggedIn[];
  readonly env: Readonly<Record<string, string>>;
}

/** From a commit until the last of many streams has it, beside nchan with the same data for as many of the same clients. */
export const measureLive: Benchmark = async (lifetime, options) => {
  const size = sizes[options.quick ? 'quick' : 'default'];
  const counts = options.streams ?? size.streams;
  assertNchanInstalled();
  assertSocketsAllowed(Math.max(...counts));
  const postgres = await startBenchPostgres(lifetime);
  const redis = await startBenchRedis(lifetime);
  const url = await createLaurelDatabase(postgres, 'live', PLAYERS);
  const players = await logInPlayers(postgres, 'live', PLAYERS);
  const stores = { players, env: { DATABASE_URL: url, REDIS_URL: redis.url } };
  const rows: Row[] = [];
  for (const count of counts)
    rows.push(...(await withLifetime(async (inner) => await measureCount(inner, stores, { size, count }))));
  const { rounds, broadcasts, pacedRounds, seconds } = size;
  const setting = {
    rounds,
    broadcasts,
    pacedRounds,
    seconds,
    postgres: postgres.description,
    redis: redis.description,
  };
  return { rows, setting };
};

async function measureCount(
  lifetime: Lifetime,
  { players, env }: Stores,
  { size, count }: { size: Sizes; count: number },
): Promise<Row[]> {
  const laurel = await startLaurel(lifetime, { ...env, ...limitsFor(count) }, players);
  const data = laurel.data();
  await laurel.scoreAtRate(PER_SECOND, WARM_UP_SECONDS);
  const [yardstick, subject] = await withLifetime(async (inner) => {
    const beside = await prepare(inner, await startNchan(inner, data, count), count);
    const own = await prepare(lifetime, laurel, count);
    for (let round = 0; round < size.rounds; round += 1) {
      for (const one of [beside, own]) one.rounds.push(await measureRound(one, size.broadcasts));
    }
    return [beside, own] as const;
  });
  // Again, as the streams take most of the processor from here on.
  await laurel.scoreAtRate(PER_SECOND, WARM_UP_SECONDS);
  const paced: PacedRound[] = [];
  for (let round = 0; round < size.pacedRounds; round += 1)
    paced.push(await measurePaced(laurel, subject.streams, { ...size, count }));
  const sent = { what: `data of an event, ${count} streams`, unit: 'bytes', value: single(data.length) };
  return [
    sent,
    ...toRows(yardstick, count),
    ...toRows(subject, count, yardstick),
    ...toPacedRows(paced, count),
  ];
}

/** Every client has the same address, and the players score more often than people do. */
function limitsFor(count: number): Record<string, string> {
  const streams = String(count + 10);
  return {
    SSE_MAX_CONNECTIONS: streams,
    SSE_MAX_CONNECTIONS_PER_ADDRESS: streams,
    RATE_LIMIT_READS_PER_MINUTE: '1000000',
    RATE_LIMIT_SCORES_PER_MINUTE: '1000000',
  };
}

/** Connects the streams. Memory counts from when code has been compiled and buffers made. */
async function prepare(lifetime: Lifetime, broadcaster: Broadcaster, count: number): Promise<Subject> {
  for (let n = 0; n < WARM_UP_BROADCASTS; n += 1) await broadcaster.broadcast();
  const before = await restingBytes(broadcaster);
  const streams = await openStreams(lifetime, broadcaster, count);
  const kibPerStream = ((await restingBytes(broadcaster)) - before) / 1024 / count;
  return { broadcaster, streams, kibPerStream, rounds: [] };
}

/** After what a collection frees has gone back to the system, which takes V8 more than one. */
async function restingBytes(broadcaster: Broadcaster): Promise<number> {
  let lowest = Infinity;
  for (let n = 0; n < MAX_COLLECTIONS; n += 1) {
    broadcaster.collectGarbage();
    await pace(SETTLE_MS);
    const { rssBytes } = broadcaster.usage();
    if (rssBytes > lowest * AT_REST) break;
    lowest = Math.min(lowest, rssBytes);
  }
  return lowest;
}

/** One broadcast at a time, each when everybody has the one before. */
async function measureRound({ broadcaster, streams }: Subject, broadcasts: number): Promise<Round> {
  const lastMs: number[] = [];
  const cpuSeconds = broadcaster.usage().cpuSeconds;
  for (let n = 0; n < broadcasts; n += 1) {
    const next = pace(INTERVAL_MS);
    const broadcast = await broadcaster.broadcast();
    lastMs.push((await streams.whole(broadcast)) - broadcast.committedAt);
    await next;
  }
  const cpuMs = ((broadcaster.usage().cpuSeconds - cpuSeconds) * 1000) / broadcasts;
  return { lastMs, cpuMs };
}

interface Paced {
  readonly seconds: number;
  readonly count: number;
}

/** In milliseconds, over all clients and updates. */
interface PacedRound {
  readonly p50: number;
  readonly p99: number;
  /** Of a client, each second. */
  readonly events: number;
}

/** As many updates a second as the specification asks for; those that come at once are shown by one event. */
async function measurePaced(
  laurel: Laurel,
  streams: Streams,
  { seconds, count }: Paced,
): Promise<PacedRound> {
  // What came before is forgotten once it was told.
  await streams.arrivalsOf([]);
  const { updates, last } = await laurel.scoreAtRate(PER_SECOND, seconds);
  await streams.whole(last);
  const { latencies, unshown, received, closed } = await streams.arrivalsOf(updates);
  if (closed > 0) throw new Error(`${closed} of ${count} streams were closed`);
  if (unshown > 0) throw new Error(`${unshown} of ${updates.length} updates were never shown`);
  return {
    p50: quantileOfHistogram(latencies, 0.5),
    p99: quantileOfHistogram(latencies, 0.99),
    events: received / count / seconds,
  };
}

function toPacedRows(rounds: readonly PacedRound[], count: number): Row[] {
  const what = `Laurel, ${count} streams, ${PER_SECOND} updates/s`;
  const spread = (of: (round: PacedRound) => number) => spreadOf(rounds.map(of));
  return [
    { what: `${what}, every client, p50`, unit: 'ms', value: spread(({ p50 }) => p50) },
    { what: '  p99', unit: 'ms', value: spread(({ p99 }) => p99), target: { atMost: MAX_BROADCAST_P99_MS } },
    { what: '  events, a stream', unit: '/s', value: spread(({ events }) => events) },
  ];
}

function toRows({ broadcaster, rounds, kibPerStream }: Subject, count: number, yardstick?: Subject): Row[] {
  const medians = mediansOf(rounds);
  const all = rounds.flatMap(({ lastMs }) => lastMs).toSorted((a, b) => a - b);
  const cpuMs = rounds.map((round) => round.cpuMs);
  const ratio = (own: readonly number[], of: (rounds: readonly Round[]) => number[]) =>
    yardstick && { ratio: { to: 'nchan', value: spreadOf(ratiosOf(own, of(yardstick.rounds))) } };
  const isJudged = yardstick !== undefined && count >= TARGET_STREAMS;
  return [
    {
      what: `${broadcaster.name}, ${count} streams, last client, p50`,
      unit: 'ms',
      value: spreadOf(medians),
      ...ratio(medians, mediansOf),
      ...(isJudged && { target: { atMost: MAX_RATIO } }),
    },
    { what: '  p99', unit: 'ms', value: single(quantileOf(all, 0.99)) },
    {
      what: '  CPU, a broadcast',
      unit: 'ms',
      value: spreadOf(cpuMs),
      ...ratio(cpuMs, (others) => others.map((round) => round.cpuMs)),
    },
    {
      what: '  RSS, a stream',
      unit: 'KiB',
      value: single(kibPerStream),
      ...(isJudged && { target: { atMost: MAX_KIB } }),
    },
  ];
}

function mediansOf(rounds: readonly Round[]): number[] {
  return rounds.map(({ lastMs }) => spreadOf(lastMs).median);
}

function single(value: number): Spread {
  return spreadOf([value]);
}
