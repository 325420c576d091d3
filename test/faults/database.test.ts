import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { connectPostgres, type Database } from '../../src/db/index.ts';
import { cleanUp } from '../harness/cleanup.ts';
import { type FaultFigures, figuresOf, toRecordLine } from '../harness/fault-figures.ts';
import { watchHealth } from '../harness/health-watch.ts';
import { startLoad } from '../harness/load.ts';
import { observe } from '../harness/observed.ts';
import { type InsertedPlayer, insertPlayers } from '../harness/players.ts';
import { type Fault, postgresFaults, runSql, type Stage } from '../harness/postgres-faults.ts';
import { startPostgresServer } from '../harness/postgres-server.ts';
import { startProcess, type TestProcess } from '../harness/process.ts';
import { assertBooks } from '../harness/score-books.ts';
import { startTcpProxy } from '../harness/tcp-proxy.ts';
import { until } from '../harness/until.ts';

/** `LAUREL_TEST_FAULTS=10` makes the run of record, and tells its figures; the default keeps the suite short. */
const record = process.env['LAUREL_TEST_FAULTS'];
const PLAYERS = 60;
const ENOUGH = 100;
/** More than can be served, and distinct, so that none shares the answer of another. */
const READS = 600;
/** A read's 3 s in line, 2 s for a connection, and 6 s of silence. */
const SLOWEST_READ_MS = 11_500;
/** How soon after the server's return the service must answer, and must have stopped to fail. */
const RECOVERY_MS = 5000;

const database = 'laurel_faults_test';
let stage: Stage;
/** The test's own way in, which knows no proxy and no limit. */
let db: Database;
let service: TestProcess;

beforeAll(async () => {
  const server = await startPostgresServer();
  cleanUp(async () => await server.remove());
  // A superuser would be given connections that others are refused.
  await runSql(server, 'CREATE ROLE laurel LOGIN');
  await runSql(server, `CREATE DATABASE ${database} OWNER laurel`);
  // The private server trades safety for speed, and here it crashes.
  await runSql(server, `ALTER DATABASE ${database} SET synchronous_commit = on`);

  const url = server.url(database);
  const proxy = await startTcpProxy(Object.assign(new URL(url), { username: 'laurel' }).href);
  stage = { server, proxy, database };
  db = connectPostgres({ url, poolSize: 1, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  service = await start();
});

/** A test that failed may have left the server as it was. */
afterEach(async () => {
  stage.server.thaw();
  await stage.proxy.restore();
  await stage.server.start().catch(() => {});
});

async function start(): Promise<TestProcess> {
  return await startProcess({ DATABASE_URL: stage.proxy.url, RATE_LIMIT_ENABLED: 'false' });
}

async function liveThrough({ lastsMs, strike, heal }: Fault, players: readonly InsertedPlayer[]) {
  const load = startLoad(service, players);
  const health = watchHealth(service);
  const answeredSince = (moment: number) =>
    load.observed.filter(({ outcome, beganAt }) => outcome === 'answered' && beganAt >= moment).length;
  await until('the load runs', () => load.verdicts.length > ENOUGH && health.ready());

  const struckAt = performance.now();
  await strike(stage);
  await until('the service is not ready', () => !health.ready());
  await until('the fault has lasted', () => performance.now() - struckAt > lastsMs);
  await heal(stage);

  const returnedAt = performance.now();
  await until('the service is ready', () => health.ready(), { timeoutMs: RECOVERY_MS });
  await until('the service works', () => answeredSince(returnedAt) > ENOUGH);
  await load.stop();
  await health.stop();
  return { load, complaints: health.complaints(), figures: figuresOf(load.observed, returnedAt) };
}

function assertRecovery({ name, slowestMs }: Fault, figures: FaultFigures): void {
  if (record !== undefined) process.stdout.write(toRecordLine(name, figures));
  expect(figures.unavailable).toBeGreaterThan(0);
  expect(figures.slowestMs).toBeLessThan(slowestMs);
  expect(figures.firstSuccessMs).toBeLessThan(RECOVERY_MS);
  expect(figures.lastFailureMs).toBeLessThan(RECOVERY_MS);
}

const runs = Array.from({ length: Number(record ?? 1) }, (_, index) => index + 1);

const named = postgresFaults.map((fault) => [fault.name, fault] as const);

describe.each(named)('while PostgreSQL is %s under load, the service', (_, fault) => {
  it.each(runs)('answers 503 and loses nothing, run %i', { timeout: 120_000 }, async () => {
    const players = await insertPlayers(db, PLAYERS);
    const { load, complaints, figures } = await liveThrough(fault, players);
    expect(load.observed.flatMap(({ flaw }) => flaw ?? [])).toEqual([]);
    expect(complaints).toEqual([]);
    assertRecovery(fault, figures);
    await assertBooks(db, players, load.verdicts);
  });
});

it('answers 600 distinct reads in bounded time while PostgreSQL is frozen, and then serves', async () => {
  const read = async (offset: number) =>
    await observe('page', `${service.url}/v1/leaderboards/global?offset=${offset}`);
  await until('the service works', async () => (await read(0)).outcome === 'answered');
  await stage.server.freeze();
  const answers = await Promise.all(Array.from({ length: READS }, async (_, offset) => await read(offset)));
  stage.server.thaw();
  expect(answers.flatMap(({ flaw }) => flaw ?? [])).toEqual([]);
  expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['unavailable']));
  expect(Math.max(...answers.map(({ beganAt, endedAt }) => endedAt - beganAt))).toBeLessThan(SLOWEST_READ_MS);
  await until('the service works', async () => (await read(0)).outcome === 'answered', {
    timeoutMs: RECOVERY_MS,
  });
});

it('ends after SIGTERM although PostgreSQL is frozen', async () => {
  const other = await start();
  const asksReady = async () => await fetch(`${other.url}/health/ready`);
  await Promise.all([asksReady(), asksReady(), asksReady()]);
  await stage.server.freeze();
  other.signal('SIGTERM');
  expect(await other.ended).toMatchObject({ code: 0, stderr: '' });
});
