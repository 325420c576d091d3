import { connectPostgres, type Database, migratePostgres } from '../../src/db/index.ts';
import { cleanUp } from './cleanup.ts';
import { runSql } from './postgres-faults.ts';
import { startPostgresServer } from './postgres-server.ts';

interface PrivateDatabase {
  readonly db: Database;
  readonly url: string;
  /** Takes the server away for good. */
  readonly stop: () => Promise<void>;
}

/**
 * A migrated database on a server of its own, for what tests of other files on the same server would disturb. As its
 * superuser; `settings` are of the whole server, and need no restart. Removed after the file.
 */
export async function openPrivateDatabase(
  poolSize: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<PrivateDatabase> {
  const server = await startPostgresServer();
  cleanUp(async () => await server.remove());
  for (const [name, value] of Object.entries(settings))
    await runSql(server, `ALTER SYSTEM SET ${name} = '${value}'`);
  await runSql(server, 'SELECT pg_reload_conf()');
  await runSql(server, 'CREATE DATABASE private_test');
  const url = server.url('private_test');
  await migratePostgres({ url, caFile: undefined });
  const db = connectPostgres({ url, poolSize, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  return { db, url, stop: async () => await server.remove() };
}
