import { setTimeout as pace } from 'node:timers/promises';

import { expect, it, onTestFinished } from 'vitest';

import { connectPostgres } from '../../src/db/index.ts';
import { boardOfPostgres, boardOfService } from '../harness/board-comparison.ts';
import { createTestDatabase } from '../harness/database.ts';
import { nth } from '../harness/fleet.ts';
import { insertPlayers, signTestAction } from '../harness/players.ts';
import { runSql } from '../harness/postgres-faults.ts';
import { type PostgresServer, startPostgresServer } from '../harness/postgres-server.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { type Balancer, balance, isSuccess } from '../harness/rolling-restart.ts';
import { testSecrets } from '../harness/test-config.ts';
import { until } from '../harness/until.ts';

interface Traffic {
  readonly answers: readonly number[];
  stop(): Promise<void>;
}

/** An operator who changes a title: each request needs the database. */
async function rename({ send }: Balancer): Promise<number> {
  const board = { method: 'PUT', token: testSecrets.ADMIN_API_KEY, body: { title: 'Seen' } };
  return (await send('/v1/admin/leaderboards/renamed', board)).status;
}

/** Three clients that ask again and again; `ask` resolves with the status of the answer. */
function startTraffic(ask: (round: number) => Promise<number>): Traffic {
  const answers: number[] = [];
  const stopping = new AbortController();
  let round = 0;
  const client = async () => {
    while (!stopping.signal.aborted) {
      round += 1;
      answers.push(await ask(round));
      await pace(25);
    }
  };
  const clients = [client(), client(), client()];
  return {
    answers,
    stop: async () => {
      stopping.abort();
      await Promise.all(clients);
    },
  };
}

async function untilAnswered({ answers }: Traffic, count: number): Promise<void> {
  const before = answers.length;
  await until('requests were answered', () => answers.length >= before + count, { timeoutMs: 60_000 });
}

function urlOf(server: PostgresServer, role: string, password: string): string {
  const url = new URL(server.url('laurel_test'));
  return Object.assign(url, { username: role, password }).href;
}

/** A server that asks everybody but its superuser for a password, with a role that owns the database. */
async function startGuardedServer(): Promise<PostgresServer> {
  const server = await startPostgresServer();
  onTestFinished(async () => await server.remove());
  const rules = server.addFile(
    'pg_hba.conf',
    'host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n',
  );
  await runSql(server, `CREATE ROLE laurel LOGIN PASSWORD 'the-old-password'`);
  await runSql(server, 'CREATE DATABASE laurel_test OWNER laurel');
  await runSql(server, `ALTER SYSTEM SET hba_file = '${rules}'`);
  await server.stop();
  await server.start();
  return server;
}

it('replaces the password of the database by way of a second role', { timeout: 240_000 }, async () => {
  const server = await startGuardedServer();
  const service = await balance(2, { DATABASE_URL: urlOf(server, 'laurel', 'the-old-password') });
  const traffic = startTraffic(async () => await rename(service));
  await untilAnswered(traffic, 20);

  await runSql(server, `CREATE ROLE laurel_next LOGIN PASSWORD 'the-new-password' IN ROLE laurel`);
  // What it makes, such as the tables of a migration, belongs to the first role.
  await runSql(server, `ALTER ROLE laurel_next SET role = 'laurel'`);
  await service.restartEach({ DATABASE_URL: urlOf(server, 'laurel_next', 'the-new-password') });
  await untilAnswered(traffic, 20);
  await runSql(server, 'ALTER ROLE laurel NOLOGIN');
  await untilAnswered(traffic, 20);
  await traffic.stop();
  expect(traffic.answers.filter((status) => !isSuccess(status))).toEqual([]);
});

it('replaces the password of Redis while both are accepted', { timeout: 240_000 }, async () => {
  const postgres = await startPostgresServer();
  const redis = await startRedisServer({ password: 'the-old-password' });
  onTestFinished(async () => void (await Promise.all([postgres.remove(), redis.remove()])));
  await runSql(postgres, 'CREATE DATABASE laurel_test');
  const stores = { DATABASE_URL: postgres.url('laurel_test'), REDIS_URL: redis.url };
  const service = await balance(2, stores);
  const traffic = startTraffic(async () => await rename(service));
  await untilReadFromRedis(service);

  await redis.ask('ACL', 'SETUSER', 'default', '>the-new-password');
  const next = Object.assign(new URL(redis.url), { password: 'the-new-password' }).href;
  await service.restartEach({ ...stores, REDIS_URL: next });
  await redis.ask('ACL', 'SETUSER', 'default', '<the-old-password');
  await untilReadFromRedis(service);
  await traffic.stop();
  expect(traffic.answers.filter((status) => !isSuccess(status))).toEqual([]);
});

it('takes Redis away and gives it back, and the index catches up', { timeout: 300_000 }, async () => {
  const { url } = await createTestDatabase();
  const db = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
  const redis = await startRedisServer();
  onTestFinished(async () => void (await Promise.all([db.close(), redis.remove()])));
  const without = { DATABASE_URL: url, DRIFT_CHECK_INTERVAL_SECONDS: '1' };
  const service = await balance(2, { ...without, REDIS_URL: redis.url });
  const players = await insertPlayers(db, 120);
  await untilReadFromRedis(service);
  const traffic = startTraffic(async (round) => {
    const { userId, accessToken } = nth(players, round);
    const body = { action_token: signTestAction(userId), score_delta: (round % 100) + 1 };
    return (await service.send('/v1/scores', { token: accessToken, body })).status;
  });
  await untilAnswered(traffic, 50);

  await service.restartEach(without);
  await untilAnswered(traffic, 50);
  const page = await service.send('/v1/leaderboards/global');
  expect(page.headers.get('X-Leaderboard-Source')).toBe('postgres');

  await service.restartEach({ ...without, REDIS_URL: redis.url });
  await untilAnswered(traffic, 50);
  await traffic.stop();
  expect(traffic.answers.filter((status) => !isSuccess(status))).toEqual([]);
  const entries = await boardOfPostgres(db);
  const served = { sources: ['redis'], totalPlayers: [entries.length], entries };
  for (const process of service.processes()) {
    await until(
      'the index has what was scored without it',
      async () => {
        expect(await boardOfService(process)).toEqual(served);
        return true;
      },
      { timeoutMs: 60_000 },
    );
  }
});

/** By every process: they take turns. */
async function untilReadFromRedis({ send }: Balancer): Promise<void> {
  const source = async () => (await send('/v1/leaderboards/global')).headers.get('X-Leaderboard-Source');
  await until(
    'Redis is read',
    async () => {
      const sources = [await source(), await source(), await source(), await source()];
      return sources.every((name) => name === 'redis');
    },
    { timeoutMs: 60_000 },
  );
}
