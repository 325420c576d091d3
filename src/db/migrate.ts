import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { migrate as migrateWithOrm } from 'drizzle-orm/pglite/migrator';
import type { PgliteDatabase } from 'drizzle-orm/pglite';
import pg from 'pg';

import { connectFirst } from './connect-first.ts';
import type { Database, Queries, Statement } from './database.ts';
import { clientConfig, type PostgresOptions } from './postgres.ts';

const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** Any number will do, as long as no other program on the same database takes it: "laurel" in ASCII. */
const MIGRATION_LOCK = 0x6c61_7572_656c;

/**
 * Brings a server's schema up to date. Processes that start together take turns under an advisory lock, so each
 * migration runs once; the lock ends with the connection, whatever becomes of the process. Returns the names of those
 * that it applied. Throws a DatabaseConnectionError when there is no connection to be had.
 */
export async function migratePostgres(options: Pick<PostgresOptions, 'url' | 'caFile'>): Promise<string[]> {
  const client = new pg.Client(clientConfig(options));
  // A connection lost in the middle rejects the statement under way; without a listener it would end the process.
  client.on('error', () => {});
  try {
    await connectFirst(client);
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const pending = await findPending(async ({ text }) => (await client.query<Noted>(text)).rows);
    await migrate(drizzle(client), { migrationsFolder });
    return pending;
  } finally {
    await client.end();
  }
}

/** As migratePostgres, for an embedded store; its directory lock has already made this process the only one. */
export async function migrateEmbedded(database: Database): Promise<string[]> {
  const pending = await findPendingMigrations(database);
  await migrateWithOrm(database.orm as PgliteDatabase, { migrationsFolder });
  return pending;
}

/** The names of the migrations that this version has and the schema lacks, oldest first. */
export async function findPendingMigrations(queries: Queries): Promise<string[]> {
  return await findPending(async (statement) => await queries.run<Noted>(statement, []));
}

interface Noted {
  readonly noted: string | null;
}

interface Journal {
  readonly entries: readonly { readonly when: number; readonly tag: string }[];
}

const findNotes: Statement = {
  name: 'find_migration_notes',
  text: "SELECT to_regclass('drizzle.__drizzle_migrations')::text AS noted",
};

const findLastNote: Statement = {
  name: 'find_last_migration',
  text: 'SELECT max(created_at)::text AS noted FROM drizzle.__drizzle_migrations',
};

/** By the rule of the migrator itself: what is newer than the last one that it noted. */
async function findPending(run: (statement: Statement) => Promise<Noted[]>): Promise<string[]> {
  const { entries } = JSON.parse(readFileSync(`${migrationsFolder}/meta/_journal.json`, 'utf8')) as Journal;
  const [notes] = await run(findNotes);
  const [last] = notes?.noted ? await run(findLastNote) : [];
  return entries.filter(({ when }) => when > Number(last?.noted ?? 0)).map(({ tag }) => tag);
}
