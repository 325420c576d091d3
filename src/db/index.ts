/**
 * PostgreSQL: on a server, or embedded in this process. Both are one `Database` to the features, whose tables
 * live with them. The schema is made by the generated migrations under drizzle/, which only ever go forward.
 */
import type { Config } from '../config.ts';
import type { Database } from './database.ts';
import { connectEmbedded } from './embedded.ts';
import { findPendingMigrations, migrateEmbedded, migratePostgres } from './migrate.ts';
import { connectPostgres } from './postgres.ts';

export { isContention, isRolledBack, retryOnce } from './contention.ts';
export { DatabaseConnectionError } from './connection-error.ts';
export type { Database, Queries, Statement } from './database.ts';
export { DataDirectoryError, inDataDirectory } from './data-directory.ts';
export { connectEmbedded } from './embedded.ts';
export { isDatabaseUnavailable, sqlState } from './faults.ts';
export type { Instant } from './instant.ts';
export { migrateEmbedded, migratePostgres } from './migrate.ts';
export { listenForNotices } from './notices.ts';
export { connectPostgres, type Timeouts } from './postgres.ts';
export { purgeInBatches } from './purge-in-batches.ts';

/** A schema that is older than the program; the message says what to do. */
export class SchemaBehindError extends Error {
  override name = 'SchemaBehindError';
}

/** Opens the configured store as it is. Throws a SchemaBehindError when it lacks migrations. */
export async function openMigratedDatabase(
  { url, caFile, poolSize, dataDir }: Config['database'],
  onIdleError: (error: Error) => void,
): Promise<Database> {
  const database =
    url === undefined
      ? await connectEmbedded(dataDir)
      : connectPostgres({ url, caFile, poolSize, onIdleError });
  try {
    const pending = await findPendingMigrations(database);
    if (pending.length > 0)
      throw new SchemaBehindError(`the database lacks ${pending.join(', ')}: run "laurel migrate" first`);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Brings the configured store up to date, and closes it. Returns the names of the migrations that it lacked. */
export async function migrateDatabase({ url, caFile, dataDir }: Config['database']): Promise<string[]> {
  if (url !== undefined) return await migratePostgres({ url, caFile });
  const database = await connectEmbedded(dataDir);
  try {
    return await migrateEmbedded(database);
  } finally {
    await database.close();
  }
}

/** Opens the configured store with its schema up to date. */
export async function openDatabase(
  { url, caFile, poolSize, dataDir }: Config['database'],
  onIdleError: (error: Error) => void,
): Promise<Database> {
  if (url === undefined) {
    const database = await connectEmbedded(dataDir);
    await migrateEmbedded(database);
    return database;
  }
  await migratePostgres({ url, caFile });
  return connectPostgres({ url, caFile, poolSize, onIdleError });
}
