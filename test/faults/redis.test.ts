import { describe, expect, it, onTestFinished } from 'vitest';

import { connectPostgres, type Database } from '../../src/db/index.ts';
import { agrees, boardOfPostgres, boardOfService } from '../harness/board-comparison.ts';
import { cleanUp } from '../harness/cleanup.ts';
import { createTestDatabase } from '../harness/database.ts';
import { type InsertedPlayer, insertPlayers } from '../harness/players.ts';
import { startProcess, type TestProcess } from '../harness/process.ts';
import { type RankingLoad, startRankingLoad } from '../harness/ranking-load.ts';
import { type RedisFault, redisFaults, type RedisStage } from '../harness/redis-faults.ts';
import { type RedisFigures, redisFiguresOf, toRedisRecordLine } from '../harness/redis-figures.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { assertBooks } from '../harness/score-books.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { testSecrets } from '../harness/test-config.ts';
import { until } from '../harness/until.ts';

/** `LAUREL_REDIS_FAULTS=10` makes the run of record, and tells its figures; the default keeps the suite short. */
const record = process.env['LAUREL_REDIS_FAULTS'];
const SILENT_MS = record === undefined ? 3000 : 10_000;
const CALM_MS = record === undefined ? 1500 : 5000;
const PLAYERS = 600;
/** No request may take so much longer, because of Redis, than the slowest did before. */
const SLOWER_MS = 1000;
/** How soon after the return of Redis it must be read again, in the order of PostgreSQL. */
const RECOVERY_MS = 2000;
/** For a machine that does other things too; the run of record has it to itself. */
const SLACK_MS = record === undefined ? 3000 : 0;

/** Limits that nobody reaches, so that each request counts its hits; and drift is looked for again and again. */
const settings = {
  RATE_LIMIT_ENABLED: 'true',
  RATE_LIMIT_SCORES_PER_MINUTE: '1000000',
  RATE_LIMIT_READS_PER_MINUTE: '1000000',
  RATE_LIMIT_AUTH_PER_MINUTE: '1000000',
  DRIFT_CHECK_INTERVAL_SECONDS: '1',
};

interface Store {
  readonly url: string;
  /** The test's own way in. */
  readonly db: Database;
}

async function createStore(): Promise<Store> {
  const { url } = await createTestDatabase();
  const db = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  return { url, db };
}

async function createStage(): Promise<RedisStage> {
  const server = await startRedisServer();
  onTestFinished(async () => await server.remove());
  return { server, proxy: await startTcpProxy(server.url) };
}

async function startService(store: Store, redisUrl: string, env = {}): Promise<TestProcess> {
  const service = await startProcess({ DATABASE_URL: store.url, REDIS_URL: redisUrl, ...settings, ...env });
  onTestFinished(async () => void (await service.kill()));
  return service;
}

async function sourceOf({ url }: TestProcess): Promise<string | null> {
  const { headers } = await fetch(`${url}/v1/leaderboards/global`);
  return headers.get('X-Leaderboard-Source');
}

async function readsFromRedis(service: TestProcess, timeoutMs = RECOVERY_MS + SLACK_MS): Promise<void> {
  await until('Redis is read', async () => (await sourceOf(service)) === 'redis', { timeoutMs });
}

/** Every process verifies when it starts: that must not last into what the test does. */
async function isVerified({ url }: TestProcess): Promise<boolean> {
  const headers = { Authorization: `Bearer ${testSecrets.ADMIN_API_KEY}` };
  const { status } = await fetch(`${url}/v1/admin/leaderboards/global/drift`, { headers });
  return status === 200;
}

async function passes(ms: number): Promise<void> {
  const beganAt = performance.now();
  await until(`${ms} ms have passed`, () => performance.now() - beganAt >= ms, { timeoutMs: ms + 1000 });
}

/** Since a moment, reads that one store answered. */
function readsOf(load: RankingLoad, store: string, since: number): number {
  return load.observed.filter(({ source, beganAt }) => source === store && beganAt >= since).length;
}

async function assertSameBoards(services: readonly TestProcess[], { db }: Store): Promise<void> {
  const entries = await boardOfPostgres(db);
  const served = { sources: ['redis'], totalPlayers: [entries.length], entries };
  for (const service of services) expect(await boardOfService(service)).toEqual(served);
}

function errorsOf({ logs }: TestProcess): unknown[] {
  return logs.filter(({ level }) => level === 'error' || level === 'fatal');
}

interface Trial {
  readonly stage: RedisStage;
  readonly store: Store;
  readonly service: TestProcess;
  readonly load: RankingLoad;
}

async function liveThrough(fault: RedisFault, { stage, store, service, load }: Trial): Promise<RedisFigures> {
  await passes(CALM_MS);
  const struckAt = performance.now();
  await fault.strike(stage);
  await until('PostgreSQL is read', () => readsOf(load, 'postgres', struckAt) > 0);
  await passes(Math.max(0, fault.lastsMs - (performance.now() - struckAt)));
  await fault.heal(stage);

  const returnedAt = performance.now();
  await until('the order is that of PostgreSQL', async () => await agrees(stage.server, store.db));
  const orderMs = performance.now() - returnedAt;
  await until('Redis is read', () => readsOf(load, 'redis', returnedAt + RECOVERY_MS) > 0);
  await load.stop();
  await service.untilLogged();
  const losses = service.logs.filter(({ msg }) => msg === 'Redis is not used').length;
  return redisFiguresOf(load.observed, { struckAt, returnedAt, orderMs, losses });
}

function assertFigures({ name }: RedisFault, figures: RedisFigures): void {
  if (record !== undefined) process.stdout.write(toRedisRecordLine(name, figures));
  expect(figures.failures).toBe(0);
  expect(figures.slowestMs - figures.slowestBeforeMs).toBeLessThan(SLOWER_MS);
  expect(figures.readAgainMs).toBeLessThan(RECOVERY_MS + SLACK_MS);
  expect(figures.orderMs).toBeLessThan(RECOVERY_MS + SLACK_MS);
}

const runs = Array.from({ length: Number(record ?? 1) }, (_, index) => index + 1);
const named = redisFaults(SILENT_MS).map((fault) => [fault.name, fault] as const);

describe.each(named)('while Redis is %s under load', (_, fault) => {
  it.each(runs)('nobody notices, run %i', { timeout: 120_000 }, async () => {
    const [stage, store] = [await createStage(), await createStore()];
    const players: readonly InsertedPlayer[] = await insertPlayers(store.db, PLAYERS);
    const service = await startService(store, stage.proxy.url);
    await readsFromRedis(service);

    const load = startRankingLoad(service, players);
    const figures = await liveThrough(fault, { stage, store, service, load });
    expect(load.flaws).toEqual([]);
    assertFigures(fault, figures);
    await readsFromRedis(service);
    await assertSameBoards([service], store);
    await assertBooks(store.db, players, load.verdicts);
    await service.untilLogged();
    expect(errorsOf(service)).toEqual([]);
    expect(await service.stop()).toMatchObject({ code: 0, stderr: '' });
  });
});

it('starts without Redis, and reads it when it comes', async () => {
  const [{ server }, store] = [await createStage(), await createStore()];
  await server.stop();
  const service = await startService(store, server.url);
  const players = await insertPlayers(store.db, PLAYERS);
  const load = startRankingLoad(service, players);
  await until('there are scores', () => load.verdicts.length > 50);
  expect(readsOf(load, 'redis', 0)).toBe(0);
  await server.start();
  await readsFromRedis(service);
  await load.stop();
  expect(load.flaws).toEqual([]);
  await assertSameBoards([service], store);
});

it('ends at once after SIGTERM although Redis is frozen', async () => {
  const [{ server }, store] = [await createStage(), await createStore()];
  const service = await startService(store, server.url);
  await readsFromRedis(service);
  const load = startRankingLoad(service, await insertPlayers(store.db, PLAYERS));
  await until('there are scores', () => load.verdicts.length > 50);
  server.freeze();
  const frozenAt = performance.now();
  await until('PostgreSQL is read', () => readsOf(load, 'postgres', frozenAt) > 0);
  await load.stop();
  const beganAt = performance.now();
  service.signal('SIGTERM');
  expect(await service.ended).toMatchObject({ code: 0, stderr: '' });
  expect(performance.now() - beganAt).toBeLessThan(RECOVERY_MS + SLACK_MS);
  expect(errorsOf(service)).toEqual([]);
});

it('serves the same from two processes after one of them had lost Redis', { timeout: 120_000 }, async () => {
  const [{ server, proxy }, store] = [await createStage(), await createStore()];
  // That the index lacks what the other process could not write would be drift indeed.
  const env = { DRIFT_CHECK_INTERVAL_SECONDS: '300' };
  const cut = await startService(store, proxy.url, env);
  const whole = await startService(store, server.url, env);
  await readsFromRedis(cut);
  await readsFromRedis(whole);
  await until('the first verification is over', async () => await isVerified(whole));
  const players = await insertPlayers(store.db, PLAYERS);
  const [cutLoad, wholeLoad] = [
    startRankingLoad(cut, players.slice(0, 300)),
    startRankingLoad(whole, players.slice(300)),
  ];

  await proxy.swallow();
  await until('PostgreSQL is read', async () => (await sourceOf(cut)) === 'postgres');
  const cutAt = performance.now();
  await passes(SILENT_MS);
  await until('the other goes on reading Redis', () => readsOf(wholeLoad, 'redis', cutAt) > 50);
  expect(readsOf(cutLoad, 'redis', cutAt)).toBe(0);
  await proxy.restore();
  await readsFromRedis(cut);
  await Promise.all([cutLoad.stop(), wholeLoad.stop()]);
  for (const service of [cut, whole]) await readsFromRedis(service);

  expect([...cutLoad.flaws, ...wholeLoad.flaws]).toEqual([]);
  await assertSameBoards([cut, whole], store);
  for (const service of [cut, whole]) {
    await service.untilLogged();
    expect(errorsOf(service)).toEqual([]);
  }
});
