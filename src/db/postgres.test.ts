import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Certificates, makeCertificates } from '../../test/harness/certificates.ts';
import { createTestDatabase, makeTemporaryDirectory } from '../../test/harness/database.ts';
import { startTcpProxy } from '../../test/harness/tcp-proxy.ts';
import { type PostgresServer, startPostgresServer } from '../../test/harness/postgres-server.ts';
import type { Database } from './database.ts';
import { isDatabaseUnavailable } from './faults.ts';
import { migratePostgres } from './migrate.ts';
import { connectPostgres, type PostgresOptions } from './postgres.ts';

type Options = Partial<Pick<PostgresOptions, 'caFile' | 'poolSize' | 'timeouts'>>;

function connect(url: string, options: Options = {}): Database {
  return connectPostgres({ url, caFile: undefined, poolSize: 2, onIdleError: () => {}, ...options });
}

async function settingOf(url: string, name: string): Promise<unknown> {
  const db = connect(url);
  const rows = await db.run({ name: 'setting', text: 'SELECT current_setting($1) AS value' }, [name]);
  await db.close();
  return rows[0];
}

describe('a connection', () => {
  test.each([
    ['TimeZone', 'UTC'],
    ['statement_timeout', '5s'],
    ['idle_in_transaction_session_timeout', '10s'],
    ['application_name', 'laurel'],
  ])('has %s %s', async (name, value) => {
    const { url } = await createTestDatabase();
    expect(await settingOf(url, name)).toEqual({ value });
  });

  test('gives a statement up after the time that it was told', async () => {
    const timeouts = { connectMs: 2000, statementMs: 20, silenceMs: 2000 };
    const db = connect((await createTestDatabase()).url, { timeouts });
    const sleep = db.run({ name: 'sleep', text: 'SELECT pg_sleep(30)' }, []);
    await expect(sleep).rejects.toMatchObject({ code: '57014' });
    await db.close();
  });

  test('reads a bigint as a number', async () => {
    const db = connect((await createTestDatabase()).url);
    expect(await db.run({ name: 'big', text: 'SELECT 9007199254740991::bigint AS big' }, [])).toEqual([
      { big: Number.MAX_SAFE_INTEGER },
    ]);
    await db.close();
  });
});

describe('a connection that froze', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgresServer();
  });
  afterAll(async () => await server.remove());

  const doings = {
    'a statement': async (db: Database) => await db.run({ name: 'two', text: 'SELECT 2' }, []),
    'a transaction': async (db: Database) =>
      await db.transaction(async (queries) => await queries.orm.execute('SELECT 2')),
  };

  test.concurrent.each(Object.entries(doings))('is given up by %s, and replaced', async (_, work) => {
    const db = connect(server.url('postgres'), { poolSize: 1 });
    const [backend] = await db.run<{ pid: number }>(
      { name: 'pid', text: 'SELECT pg_backend_pid() AS pid' },
      [],
    );
    const { pid } = backend ?? { pid: -1 };
    process.kill(pid, 'SIGSTOP');
    try {
      await expect(work(db)).rejects.toSatisfy(isDatabaseUnavailable);
      expect(await db.run({ name: 'one', text: 'SELECT 1 AS one' }, [])).toEqual([{ one: 1 }]);
    } finally {
      process.kill(pid, 'SIGCONT');
      await db.close();
    }
  });

  test.concurrent('makes no other request try the connections that were idle', async () => {
    const proxy = await startTcpProxy(server.url('postgres'));
    const db = connect(proxy.url, { poolSize: 3 });
    const nap = async () => await db.run({ name: 'nap', text: 'SELECT pg_sleep(0.1)' }, []);
    await Promise.all([nap(), nap(), nap()]);
    await proxy.swallow();
    await proxy.restore();
    await expect(nap()).rejects.toSatisfy(isDatabaseUnavailable);
    await nap();
    await db.close();
  });
});

describe('over TLS', () => {
  let server: PostgresServer;
  let certificates: Certificates;

  beforeAll(async () => {
    certificates = makeCertificates(makeTemporaryDirectory());
    server = await startPostgresServer();
    await demandTls(server, certificates);
  });
  afterAll(async () => await server.remove());

  const isEncrypted = async (sslMode: string, caFile?: string) => {
    const db = connect(`${server.url('postgres')}${sslMode}`, { caFile });
    const text = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()';
    try {
      return await db.run<{ ssl: boolean }>({ name: 'ssl', text }, []);
    } finally {
      await db.close();
    }
  };

  test.each(['', '?sslmode=require', '?sslmode=verify-ca', '?sslmode=verify-full'])(
    'verifies the server with DATABASE_CA_FILE and "%s"',
    async (sslMode) => {
      expect(await isEncrypted(sslMode, certificates.caFile)).toEqual([{ ssl: true }]);
    },
  );

  test.each(['?sslmode=require', '?sslmode=verify-ca', '?sslmode=verify-full'])(
    'refuses a server whose authority it does not know with "%s"',
    async (sslMode) => {
      await expect(isEncrypted(sslMode)).rejects.toThrow(
        /unable to (get local issuer|verify the first) certificate/,
      );
    },
  );

  test('refuses a server whose certificate is for another host', async () => {
    const url = server.url('postgres').replace('127.0.0.1', 'localhost');
    const db = connect(url, { caFile: certificates.caFile });
    await expect(db.run({ name: 'one', text: 'SELECT 1' }, [])).rejects.toThrow(/does not match certificate/);
    await db.close();
  });

  test('encrypts without verifying with sslmode=no-verify', async () => {
    expect(await isEncrypted('?sslmode=no-verify')).toEqual([{ ssl: true }]);
  });

  test.each(['', '?sslmode=disable'])('is not used with "%s" and no authority', async (sslMode) => {
    await expect(isEncrypted(sslMode)).rejects.toThrow(/no encryption/);
  });

  test('is what migrations use too', async () => {
    await migratePostgres({ url: server.url('postgres'), caFile: certificates.caFile });
    await expect(migratePostgres({ url: server.url('postgres'), caFile: undefined })).rejects.toThrow(
      /no encryption/,
    );
  });
});

/** From its next start, which is now, the server takes encrypted connections only. */
async function demandTls(
  server: PostgresServer,
  { serverCertificate, serverKey }: Certificates,
): Promise<void> {
  const settings = {
    ssl_cert_file: server.addFile('server.crt', serverCertificate),
    ssl_key_file: server.addFile('server.key', serverKey),
    hba_file: server.addFile('hba.conf', 'hostssl all all 127.0.0.1/32 trust\n'),
    ssl: 'on',
  };
  const db = connect(server.url('postgres'));
  for (const [name, value] of Object.entries(settings)) {
    await db.run({ name, text: `ALTER SYSTEM SET ${name} = '${value}'` }, []);
  }
  await db.close();
  await server.crash();
  await server.start();
}
