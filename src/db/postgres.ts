import { readFileSync } from 'node:fs';

import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';

import { DatabaseConnectionError, reasonOf } from './connection-error.ts';
import type { Database, Queries, Statement } from './database.ts';
import { isDatabaseUnavailable, isSilence } from './faults.ts';
import { parsers } from './types.ts';

export interface PostgresOptions {
  readonly url: string;
  readonly poolSize: number;
  /** PEM file of the authorities that may sign the server's certificate, such as the bundle of RDS. */
  readonly caFile: string | undefined;
  /** Told of a connection that broke while idle; the pool replaces it. */
  readonly onIdleError: (error: Error) => void;
  readonly timeouts?: Timeouts;
}

export interface Timeouts {
  /** For a connection, whether it is opened or waited for. */
  readonly connectMs: number;
  /** After which the server gives a statement up. */
  readonly statementMs: number;
  /** After which a connection is given up: a server that froze cannot enforce its own timeout. */
  readonly silenceMs: number;
}

const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 2000, statementMs: 5000, silenceMs: 6000 };
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;

/** Opens a pool on a PostgreSQL server. Connects lazily: the first statement shows whether the server answers. */
export function connectPostgres(options: PostgresOptions): Database {
  const { connectMs, statementMs, silenceMs } = options.timeouts ?? DEFAULT_TIMEOUTS;
  const pool = new pg.Pool({
    ...clientConfig(options),
    max: options.poolSize,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: silenceMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    // An idle connection cannot be closed as long as its server is silent, and must not keep a stopped process alive.
    allowExitOnIdle: true,
  });
  discardIdleAfterSilence(pool);
  pool.on('error', options.onIdleError);
  // One cut while a transaction holds it rejects the statement under way; unheard, the event would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    store: 'postgres',
    ...queriesOn(pool),
    countWaiting: () => pool.waitingCount,
    transaction: async (work) => await inTransaction(pool, work),
    close: async () => await pool.end(),
  };
}

/**
 * A server that was silent until the query timeout may be gone with all its connections, as after a failover. Those
 * that are idle are given up then, so that requests do not find out about them one by one, in six seconds each.
 */
function discardIdleAfterSilence(pool: pg.Pool): void {
  const idle = new Set<pg.PoolClient>();
  pool.on('acquire', (client) => idle.delete(client));
  pool.on('remove', (client) => idle.delete(client));
  pool.on('release', (error: unknown, client) => {
    if (!error) idle.add(client);
    if (!isSilence(error)) return;
    // The pool gives up an idle client that reports an error.
    for (const other of idle) other.emit('error', error);
    idle.clear();
  });
}

function queriesOn(client: pg.Pool | pg.PoolClient): Queries {
  return {
    orm: drizzle(client),
    run: async <Row>(statement: Statement, values: readonly unknown[]) => {
      const { rows } = await client.query({
        name: statement.name,
        text: statement.text,
        values: [...values],
      });
      return rows as Row[];
    },
  };
}

/** A connection on which BEGIN or ROLLBACK failed, as on a server that froze, is not given back to the pool. */
async function inTransaction<Result>(
  pool: pg.Pool,
  work: (queries: Queries) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(queriesOn(client));
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    const rolledBack = !isDatabaseUnavailable(error) && (await rollBack(client));
    client.release(rolledBack ? undefined : (error as Error));
    throw error;
  }
}

async function rollBack(client: pg.PoolClient): Promise<boolean> {
  return await client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

/** What every connection shares, the migrating one included; that one has no statement timeout. */
export function clientConfig({ url, caFile }: Pick<PostgresOptions, 'url' | 'caFile'>): pg.ClientConfig {
  const target = new URL(url);
  const sslMode = target.searchParams.get('sslmode');
  const options = target.searchParams.get('options') ?? '';
  // pg lets what the URL says win over what follows here, and so it does with the mode of plans.
  for (const name of ['sslmode', 'options']) target.searchParams.delete(name);
  return {
    connectionString: target.href,
    ssl: tlsOptions(sslMode, caFile),
    connectionTimeoutMillis: DEFAULT_TIMEOUTS.connectMs,
    keepAlive: true,
    application_name: 'laurel',
    options: `-c plan_cache_mode=force_generic_plan ${options} -c timezone=UTC`,
    types: { getTypeParser },
  };
}

/** Encrypted means verified here, unlike libpq's `require`; `no-verify` has to be asked for by name. */
function tlsOptions(sslMode: string | null, caFile: string | undefined): pg.ClientConfig['ssl'] {
  if (sslMode === 'disable' || (sslMode === null && caFile === undefined)) return false;
  if (sslMode === 'no-verify') return { rejectUnauthorized: false };
  return caFile === undefined ? { rejectUnauthorized: true } : { ca: readAuthorities(caFile) };
}

function readAuthorities(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (cause) {
    throw new DatabaseConnectionError(`DATABASE_CA_FILE cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: unknown) =>
  parsers[oid] ?? pg.types.getTypeParser(oid, format as 'text');
