import { type Database, openMigratedDatabase } from '../db/index.ts';
import type { CommandContext } from './command.ts';

/** Lends the configured store, which has to be migrated. */
export async function withDatabase<Result>(
  { config, log }: Pick<CommandContext, 'config' | 'log'>,
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
  const onIdleError = (err: Error) => log.warn({ err }, 'idle database connection lost');
  const db = await openMigratedDatabase(config.database, onIdleError);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
