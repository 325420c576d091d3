import { purgeInBatches } from '../db/index.ts';
import type { Auth } from './auth.ts';
import { deleteExpiredSessions } from './repository.ts';

/** Forgets sessions whose time is over; returns how many. */
export async function purgeExpiredSessions({ db }: Pick<Auth, 'db'>): Promise<number> {
  return await purgeInBatches(async (limit) => await deleteExpiredSessions(db, limit));
}
