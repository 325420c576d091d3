import { fileURLToPath } from 'node:url';

import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { migrate as migrateWithOrm } from 'drizzle-orm/pglite/migrator';
import type { PgliteDatabase } from 'drizzle-orm/pglite';
import pg from 'pg';

import { connectFirst } from './connect-first.ts';
import type { Database } from './database.ts';
import { clientConfig, type PostgresOptions } from './postgres.ts';

const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** Any number will do, as long as no other program on the same database takes it: "laurel" in ASCII. */
const MIGRATION_LOCK = 0x6c61_7572_656c;

/**
 * Brings a server's schema up to date. Processes that start together take turns under an advisory lock, so each
 * migration runs once; the lock ends with the connection, whatever becomes of the process. Throws a
 * DatabaseConnectionError when there is no connection to be had.
 */
export async function migratePostgres(options: Pick<PostgresOptions, 'url' | 'caFile'>): Promise<void> {
  const client = new pg.Client(clientConfig(options));
  // A connection lost in the middle rejects the statement under way; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await connectFirst(client);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrate(drizzle(client), { migrationsFolder });
  } finally {
    await client.end();
  }
}

/** Brings an embedded store up to date; its directory lock has already made this process the only one. */
export async function migrateEmbedded(database: Database): Promise<void> {
  await migrateWithOrm(database.orm as PgliteDatabase, { migrationsFolder });
}
