import { execFileSync } from 'node:child_process';

import { expect, it, onTestFinished } from 'vitest';

import { connectPostgres } from '../../src/db/index.ts';
import { boardOfPostgres, boardOfService } from '../harness/board-comparison.ts';
import { spend } from '../harness/fleet.ts';
import type { EntryBody } from '../harness/play.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../harness/players.ts';
import { runSql } from '../harness/postgres-faults.ts';
import { type PostgresServer, startPostgresServer } from '../harness/postgres-server.ts';
import { startProcess, type TestProcess } from '../harness/process.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { until } from '../harness/until.ts';

/** Fifty of them stand below the hundred that a verification compares. */
const PLAYERS = 150;
const PATIENT = { timeoutMs: 60_000 };

interface Stage {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
}

async function createStage(): Promise<Stage> {
  const [postgres, redis] = await Promise.all([startPostgresServer(), startRedisServer()]);
  onTestFinished(async () => void (await Promise.all([postgres.remove(), redis.remove()])));
  await runSql(postgres, 'CREATE DATABASE laurel_test');
  return { postgres, redis };
}

async function start({ postgres, redis }: Stage, database = 'laurel_test'): Promise<TestProcess> {
  const service = await startProcess({
    DATABASE_URL: postgres.url(database),
    REDIS_URL: redis.url,
    DRIFT_CHECK_INTERVAL_SECONDS: '1',
  });
  onTestFinished(async () => void (await service.kill()));
  return service;
}

/** A connection for one look only: a database that somebody uses cannot be copied. */
async function look<Seen>(
  { postgres }: Stage,
  database: string,
  see: (db: ReturnType<typeof connectPostgres>) => Promise<Seen>,
): Promise<Seen> {
  const url = postgres.url(database);
  const db = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
  try {
    return await see(db);
  } finally {
    await db.close();
  }
}

async function standings(stage: Stage, database = 'laurel_test'): Promise<EntryBody[]> {
  return await look(stage, database, boardOfPostgres);
}

async function addScores(
  service: TestProcess,
  players: readonly InsertedPlayer[],
  delta: (place: number) => number,
): Promise<void> {
  const verdicts = players.map(async (player, place) => {
    const token = signTestAction(player.userId, { maxScore: 10_000 });
    return await spend(service, player, token, delta(place));
  });
  for (const { status, body } of await Promise.all(verdicts)) expect(status, JSON.stringify(body)).toBe(200);
}

async function readsFromRedis({ url }: TestProcess): Promise<void> {
  const source = async () =>
    (await fetch(`${url}/v1/leaderboards/global`)).headers.get('X-Leaderboard-Source');
  await until('Redis is read', async () => (await source()) === 'redis', PATIENT);
}

/** Scores that the backup has, best first. */
async function playBefore(stage: Stage, service: TestProcess): Promise<InsertedPlayer[]> {
  const players = await look(stage, 'laurel_test', async (db) => await insertPlayers(db, PLAYERS));
  await readsFromRedis(service);
  await addScores(service, players, (place) => 5000 - 20 * place);
  return players;
}

/** What the backup does not have: other scores below the first hundred, and a player who is gone. */
async function playAfter(service: TestProcess, players: readonly InsertedPlayer[]): Promise<void> {
  await addScores(service, players.slice(100), () => 1);
  await addScores(service, players.slice(100), (place) => place + 1);
  const headers = { Authorization: `Bearer ${players[0]?.accessToken}` };
  const deletion = await fetch(`${service.url}/v1/users/me`, { method: 'DELETE', headers });
  expect(deletion.status).toBe(204);
}

/** The whole board from the index, as the restored PostgreSQL has it. */
function restored(entries: readonly EntryBody[]) {
  return { sources: ['redis'], totalPlayers: [PLAYERS], entries };
}

it('serves what a restored copy has, though the index knows more', { timeout: 240_000 }, async () => {
  const stage = await createStage();
  const first = await start(stage);
  const players = await playBefore(stage, first);
  await first.stop();
  await runSql(stage.postgres, 'CREATE DATABASE restored_test TEMPLATE laurel_test');
  const second = await start(stage);
  await playAfter(second, players);
  await second.stop();

  const third = await start(stage, 'restored_test');
  await readsFromRedis(third);
  expect(await boardOfService(third)).toEqual(restored(await standings(stage, 'restored_test')));
});

it('serves what a server has that was put back under it', { timeout: 240_000 }, async () => {
  const stage = await createStage();
  const { postgres, redis } = stage;
  const service = await start(stage);
  const players = await playBefore(stage, service);
  const backup = `${postgres.dataDirectory}.backup`;
  await postgres.stop();
  execFileSync('cp', ['-a', postgres.dataDirectory, backup]);
  await postgres.start();
  await until('it serves', async () => (await fetch(`${service.url}/health/ready`)).ok, PATIENT);
  await playAfter(service, players);
  const end = await look(stage, 'laurel_test', endOfLog);
  await until(
    'the index knows how far the log went',
    async () => {
      const origin = String(await redis.ask('GET', 'leaderboard:{global}:origin'));
      return BigInt(origin.split(' ')[1] ?? 0) >= end;
    },
    PATIENT,
  );

  await postgres.stop();
  execFileSync('rm', ['-rf', postgres.dataDirectory]);
  execFileSync('mv', [backup, postgres.dataDirectory]);
  await postgres.start();
  await until(
    'the index is what PostgreSQL has again',
    async () => {
      expect(await boardOfService(service)).toEqual(restored(await standings(stage)));
      return true;
    },
    PATIENT,
  );
});

async function endOfLog(db: ReturnType<typeof connectPostgres>): Promise<bigint> {
  const text = `SELECT (pg_current_wal_flush_lsn() - '0/0')::text AS position`;
  const [row] = await db.run<{ position: string }>({ name: 'test_end_of_log', text }, []);
  return BigInt(row?.position ?? 0);
}
