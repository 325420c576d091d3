import { afterAll, describe, expect, test } from 'vitest';

import { createTestDatabase } from '../../test/harness/database.ts';
import { startPostgresServer } from '../../test/harness/postgres-server.ts';
import { until } from '../../test/harness/until.ts';
import { isDatabaseUnavailable, sqlState } from './faults.ts';
import { type Database, connectPostgres, type Statement } from './index.ts';

const ping: Statement = { name: 'ping', text: 'SELECT 1' };

function connect(url: string, poolSize = 3): Database {
  return connectPostgres({ url, poolSize, caFile: undefined, onIdleError: () => {} });
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => expect.unreachable('the statement succeeded'),
    (error: unknown) => error,
  );
}

describe('isDatabaseUnavailable says yes', () => {
  test('to a server that stopped, and to statements of connections that it cut', async () => {
    const server = await startPostgresServer();
    const db = connect(server.url('postgres'));
    afterAll(async () => {
      await db.close();
      await server.remove();
    });
    await db.run(ping, []);
    const underWay = failureOf(db.run({ name: 'sleep', text: 'SELECT pg_sleep(30)' }, []));
    await until('the statement runs', async () => {
      const text = "SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
      return (await db.run({ name: 'active', text }, [])).length;
    });
    await server.crash();
    expect(isDatabaseUnavailable(await underWay)).toBe(true);
    expect(isDatabaseUnavailable(await failureOf(db.run(ping, [])))).toBe(true);

    await server.start();
    await until('the pool has replaced its connections', async () => await db.run(ping, []));
  });

  test('to a server that nobody can resolve', async () => {
    const db = connect('postgres://laurel.invalid/laurel_test');
    expect(isDatabaseUnavailable(await failureOf(db.run(ping, [])))).toBe(true);
    await db.close();
  });

  test.each([
    ['a statement timeout', '57014', "SET LOCAL statement_timeout = '20ms'", 'SELECT pg_sleep(5)'],
    ['a lock timeout', '55P03', "SET LOCAL lock_timeout = '20ms'", 'LOCK TABLE leaderboards'],
    [
      'a server that only reads since a failover',
      '25006',
      'SET TRANSACTION READ ONLY',
      'CREATE TABLE new ()',
    ],
    ['a lock that is not free', '55P03', 'SELECT', 'LOCK TABLE leaderboards NOWAIT'],
  ])('to %s', async (_, code, prepare, statement) => {
    const { url } = await createTestDatabase();
    const db = connect(url);
    const failure = await db.transaction(async (holder) => {
      await holder.orm.execute('LOCK TABLE leaderboards');
      return await failureOf(
        db.transaction(async (tx) => {
          await tx.orm.execute(prepare);
          await tx.orm.execute(statement);
        }),
      );
    });
    expect(isDatabaseUnavailable(failure)).toBe(true);
    expect(sqlState(failure)).toBe(code);
    await db.close();
  });

  test('to a connection that an operator ended, whether or not a transaction held it', async () => {
    const { url } = await createTestDatabase();
    const db = connect(url);
    const end: Statement = { name: 'end', text: 'SELECT pg_terminate_backend(pg_backend_pid())' };
    const failure = await failureOf(db.run(end, []));
    expect(isDatabaseUnavailable(failure)).toBe(true);
    expect(sqlState(failure)).toBe('57P01');
    const ofTransaction = await failureOf(db.transaction(async (tx) => await tx.orm.execute(end.text)));
    expect(isDatabaseUnavailable(ofTransaction)).toBe(true);
    await db.run(ping, []);
    await db.close();
  });

  test('to too many connections', async () => {
    const { url } = await createTestDatabase();
    const admin = connect(url);
    await admin.run({ name: 'role', text: `CREATE ROLE ${limitedRole} LOGIN CONNECTION LIMIT 1` }, []);
    const limited = connect(Object.assign(new URL(url), { username: limitedRole }).href);
    const failure = await limited.transaction(async (tx) => {
      await tx.orm.execute('SELECT');
      return await failureOf(limited.run(ping, []));
    });
    expect(isDatabaseUnavailable(failure)).toBe(true);
    expect(sqlState(failure)).toBe('53300');
    await limited.close();
    await admin.run({ name: 'drop_role', text: `DROP ROLE ${limitedRole}` }, []);
    await admin.close();
  });

  test('to a pool whose connections are all taken', async () => {
    const { url } = await createTestDatabase();
    const db = connect(url, 1);
    const failure = await db.transaction(async (tx) => {
      await tx.orm.execute('SELECT');
      return await failureOf(db.run(ping, []));
    });
    expect(isDatabaseUnavailable(failure)).toBe(true);
    await db.close();
  });

  test.each(['40001', '40P01', '53100', '08006', '57P03'])(
    'to SQLSTATE %s, wherever it is wrapped',
    (code) => {
      const error = new Error('outer', {
        cause: new Error('inner', { cause: Object.assign(new Error('pg'), { code }) }),
      });
      expect(isDatabaseUnavailable(error)).toBe(true);
      expect(sqlState(error)).toBe(code);
    },
  );
});

describe('isDatabaseUnavailable says no', () => {
  test.each([
    ['a unique violation', '23505', "INSERT INTO leaderboards (id, title) VALUES ('global', 'twice')"],
    ['a failed check', '23514', "INSERT INTO leaderboards (id, title) VALUES ('Not a slug', '')"],
    ['a syntax error', '42601', 'SELEC 1'],
    ['an unknown table', '42P01', 'SELECT FROM nowhere'],
    ['a value out of range', '22003', 'SELECT 9223372036854775807 + 1::bigint'],
  ])('to %s', async (_, code, text) => {
    const { url } = await createTestDatabase();
    const db = connect(url);
    const failure = await failureOf(db.run({ name: 'failing', text }, []));
    expect(isDatabaseUnavailable(failure)).toBe(false);
    expect(sqlState(failure)).toBe(code);
    await db.close();
  });

  test.each([
    [new Error('ours')],
    [new TypeError('undefined is not a function')],
    ['text'],
    [undefined],
    [null],
  ])('to %s', (error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
    expect(sqlState(error)).toBeUndefined();
  });

  test('to an error that causes itself', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});

/** Roles belong to the whole server, which may not be ours alone. */
const limitedRole = `laurel_limited_${process.pid}_test`;
