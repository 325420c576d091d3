/**
 * PostgreSQL: on a server, or embedded in this process. Both are one `Database` to the features, whose tables
 * live with them. The schema is made by the generated migrations under drizzle/, which only ever go forward.
 */
import type { Config } from '../config.ts';
import type { Database } from './database.ts';
import { connectEmbedded } from './embedded.ts';
import { migrateEmbedded, migratePostgres } from './migrate.ts';
import { connectPostgres } from './postgres.ts';

export { isContention, isRolledBack, retryOnce } from './contention.ts';
export type { Database, Queries, Statement } from './database.ts';
export { DataDirectoryError, connectEmbedded } from './embedded.ts';
export { isDatabaseUnavailable, sqlState } from './faults.ts';
export type { Instant } from './instant.ts';
export { migrateEmbedded, migratePostgres } from './migrate.ts';
export { listenForNotices } from './notices.ts';
export { connectPostgres, type Timeouts } from './postgres.ts';
export { purgeInBatches } from './purge-in-batches.ts';

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
