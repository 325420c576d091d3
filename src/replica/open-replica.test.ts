import { beforeAll, describe, expect, test } from 'vitest';

import { cleanUp } from '../../test/harness/cleanup.ts';
import { createTestDatabase } from '../../test/harness/database.ts';
import {
  execute,
  type ReplicatedStore,
  startReplicatedStore,
} from '../../test/harness/replicated-service.ts';
import { startReplica } from '../../test/harness/postgres-replica.ts';
import { testConfig } from '../../test/harness/test-config.ts';
import { until } from '../../test/harness/until.ts';
import { sqlState, type Statement } from '../db/index.ts';
import { createLogger } from '../telemetry/log.ts';
import { openReplica, type Replica } from './open-replica.ts';

let store: ReplicatedStore;

beforeAll(async () => {
  store = await startReplicatedStore();
});

interface Opened {
  readonly replica: Replica;
  readonly logged: readonly object[];
}

function open(given: { DATABASE_URL?: string; DATABASE_REPLICA_URL?: string } = {}): Opened {
  const logged: object[] = [];
  const log = createLogger('silent');
  log.info = log.warn = (details: object) => void logged.push(details);
  const replica = openReplica(testConfig({ ...store.env, ...given }).database, log);
  if (replica === undefined) throw new Error('no replica was configured');
  cleanUp(async () => await replica.close());
  return { replica, logged };
}

test('a replica is watched and read by a role without any rights of its own', async () => {
  await execute(store.onPrimary, 'CREATE ROLE without_rights LOGIN');
  const asRole = (url: string) => Object.assign(new URL(url), { username: 'without_rights' }).href;
  const { DATABASE_URL, DATABASE_REPLICA_URL } = store.env;
  const { replica } = open({
    DATABASE_URL: asRole(DATABASE_URL),
    DATABASE_REPLICA_URL: asRole(DATABASE_REPLICA_URL),
  });
  await until('it is used', () => replica.isUsed());
  const one: Statement = { name: 'test_one', text: 'SELECT pg_is_in_recovery() AS replica' };
  expect(await replica.read(async (db) => await db.run(one, []))).toEqual([{ replica: true }]);
});

test('a replica that is promoted is used no longer', async () => {
  const server = await startReplica(store.primary);
  cleanUp(async () => await server.remove());
  const { pathname } = new URL(store.env.DATABASE_REPLICA_URL);
  const { replica, logged } = open({ DATABASE_REPLICA_URL: server.url(pathname.slice(1)) });
  await until('it is used', () => replica.isUsed());
  await server.promote();
  await until('that is logged', () => logged.length > 1);
  expect(logged.at(-1)).toMatchObject({ reason: 'not_a_replica' });
  expect(replica.isUsed()).toBe(false);
});

describe('a read that fails', () => {
  test('takes the replica out of use', async () => {
    const { replica, logged } = open();
    await until('it is used', () => replica.isUsed());
    const slow: Statement = { name: 'test_slow', text: 'SELECT pg_sleep(5)' };
    const began = performance.now();
    expect(await replica.read(async (db) => await db.run(slow, []))).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(1000);
    expect(replica.isUsed()).toBe(false);
    expect(logged.at(-1)).toMatchObject({ reason: 'read_failed', err: { code: '57014' } });
  });

  test('because it stood in the way of the replay leaves it in use', async () => {
    await prepareConflict();
    const { replica } = open();
    await until('it is used', () => replica.isUsed());
    // Not on the connections of the replica's reads, whose timeout would end it first.
    const conflict = readDropped();
    expect(await replica.read(async () => await conflict)).toBeUndefined();
    await expect(conflict).rejects.toSatisfy((error) => sqlState(error) === '40001');
    expect(replica.isUsed()).toBe(true);
  });
});

/** From now on replay does not wait for reads, and there is a table `dropped`. */
async function prepareConflict(): Promise<void> {
  await execute(store.onReplica, 'ALTER SYSTEM SET max_standby_streaming_delay = 0');
  await execute(store.onReplica, 'SELECT pg_reload_conf()');
  await execute(store.onPrimary, 'CREATE TABLE dropped ()');
  const exists: Statement = { name: 'test_exists', text: "SELECT WHERE to_regclass('dropped') IS NOT NULL" };
  await until('the table is on the replica', async () => (await store.onReplica.run(exists, [])).length);
}

/** Reads a table on the replica while it is dropped on the primary. */
async function readDropped(): Promise<void> {
  const reading = execute(store.onReplica, 'SELECT count(*), pg_sleep(4) FROM dropped');
  await Promise.all([reading, dropUnderRead()]);
}

async function dropUnderRead(): Promise<void> {
  const text = "SELECT FROM pg_stat_activity WHERE query LIKE '%FROM dropped' AND state = 'active'";
  const active: Statement = { name: 'test_active', text };
  await until('it is read', async () => (await store.onReplica.run(active, [])).length);
  await execute(store.onPrimary, 'DROP TABLE dropped');
}

describe('what is configured as a replica is not used, which is logged once,', () => {
  test.each([
    ['the primary itself', 'not_a_replica', () => store.env.DATABASE_URL],
    ['another database', 'other_database', () => store.replica.url('postgres')],
    ['a server that is not there', 'unreachable', () => 'postgres://127.0.0.1:1/laurel_test'],
  ])('when it is %s', async (_, reason, url) => {
    const { replica, logged } = open({ DATABASE_REPLICA_URL: url() });
    await until('that is logged', () => logged.length);
    expect(replica.isUsed()).toBe(false);
    expect(await replica.read(async () => await Promise.resolve('read'))).toBeUndefined();
    expect(logged).toEqual([expect.objectContaining({ reason })]);
  });

  test('when it is the replica of another cluster', async () => {
    const { logged } = open({ DATABASE_URL: (await createTestDatabase()).url });
    await until('that is logged', () => logged.length);
    expect(logged).toEqual([expect.objectContaining({ reason: 'other_database' })]);
  });
});
