import type { Config } from '../config.ts';
import { type Database, purgeInBatches } from '../db/index.ts';
import { deleteExpiredActions } from './repository.ts';

/** A token verified just before it expired may still wait to be spent, and clocks of machines differ. */
const MARGIN_SECONDS = 60;

interface PurgeDependencies {
  readonly db: Database;
  readonly config: Pick<Config, 'consumedActionRetentionSeconds' | 'actionTokenTtlSeconds'>;
}

/**
 * Forgets spent actions whose tokens are long expired; returns how many.
 * They are kept for a token's lifetime at least: an action registered twice has a token that expires later.
 */
export async function purgeConsumedActions({ db, config }: PurgeDependencies): Promise<number> {
  const retentionSeconds = Math.max(
    config.consumedActionRetentionSeconds,
    config.actionTokenTtlSeconds + MARGIN_SECONDS,
  );
  return await purgeInBatches(async (limit) => await deleteExpiredActions(db, { retentionSeconds, limit }));
}
