import pg from 'pg';

import { type PostgresServer, startPostgresServer } from '../../test/harness/postgres-server.ts';
import type { Lifetime } from './lifetime.ts';
import { readFamilyCpuSeconds } from './process-usage.ts';

export interface BenchPostgres {
  readonly description: string;
  readonly port: number;
  /** Makes an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>;
  /** Runs statements, separated by semicolons, in a database; returns the rows of the last. */
  query<Row>(database: string, sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Of the server and all of its processes, since it started. */
  cpuSeconds(): Promise<number>;
  /** Bytes of the write-ahead log so far. */
  walBytes(): Promise<number>;
  /** Brings every database to the same state before a measurement: what was written is on disk. */
  settle(): Promise<void>;
}

/**
 * What an operator of a server of this size sets, and a commit is on disk before it is answered. Checkpoints are further
 * apart than a measurement is long, so that each meets the same: the first change of a page after one writes all of it.
 */
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '2GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  maintenance_work_mem: '256MB',
  random_page_cost: '1.1',
  timezone: 'UTC',
};

/** Starts a private server whose commits are durable; ended with the lifetime. `more` are settings of one benchmark. */
export async function startBenchPostgres(
  lifetime: Lifetime,
  more: Readonly<Record<string, string>> = {},
): Promise<BenchPostgres> {
  const server = await startPostgresServer();
  lifetime.onEnd(async () => await server.remove());
  const query = async <Row>(database: string, sql: string, values: readonly unknown[] = []) =>
    await runOn<Row>(server, database, sql, values);
  for (const [name, value] of Object.entries({ ...settings, ...more }))
    await query('postgres', `ALTER SYSTEM SET ${name} = '${value}'`);
  await server.stop();
  await server.start();
  const [{ fsync } = { fsync: 'unknown' }] = await query<{ fsync: string }>('postgres', 'SHOW fsync');
  if (fsync !== 'on') throw new Error(`the server runs with fsync ${fsync}`);
  return {
    description: server.description,
    port: server.port,
    createDatabase: async (name) => {
      await query('postgres', `CREATE DATABASE ${name}`);
      return server.url(name);
    },
    query,
    cpuSeconds: async () => {
      const [row] = await query<{ pid: string }>('postgres', "SELECT pg_read_file('postmaster.pid') AS pid");
      return readFamilyCpuSeconds(Number.parseInt(row?.pid ?? '', 10));
    },
    walBytes: async () => {
      const sql = "SELECT (pg_current_wal_lsn() - '0/0')::float8 AS bytes";
      const [row] = await query<{ bytes: number }>('postgres', sql);
      return row?.bytes ?? Number.NaN;
    },
    settle: async () => void (await query('postgres', 'CHECKPOINT')),
  };
}

async function runOn<Row>(
  server: PostgresServer,
  database: string,
  sql: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const client = new pg.Client(server.url(database));
  await client.connect();
  try {
    const result = await client.query({ text: sql, ...(values.length > 0 && { values: [...values] }) });
    // Several statements have a list of results, which the types of pg do not say.
    const last = ([] as (typeof result)[]).concat(result).at(-1);
    return (last?.rows ?? []) as Row[];
  } finally {
    await client.end();
  }
}
