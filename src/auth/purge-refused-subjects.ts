import { purgeInBatches } from '../db/index.ts';
import type { Auth } from './auth.ts';
import { deleteOldRefusals } from './refused-subject-repository.ts';

/** Lets deleted external subjects come back a day later; returns how many. */
export async function purgeRefusedSubjects({ db }: Pick<Auth, 'db'>): Promise<number> {
  return await purgeInBatches(async (limit) => await deleteOldRefusals(db, limit));
}
