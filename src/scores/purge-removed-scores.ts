import { type Database, purgeInBatches } from '../db/index.ts';
import { deleteOldRemovals } from './removal-repository.ts';

/** Forgets notes of removed scores that every index has seen by now; returns how many. */
export async function purgeRemovedScores(db: Database): Promise<number> {
  return await purgeInBatches(async (limit) => await deleteOldRemovals(db, limit));
}
