import { type Auth, endAccess } from '../auth/index.ts';
import { type Bulkhead, createBulkhead } from '../bulkhead.ts';
import { type Database, isRolledBack, retryOnce } from '../db/index.ts';
import type { BoardChanges, Rankings } from '../leaderboards/index.ts';
import { detachEvents, doubtRankings, removeScores } from '../scores/index.ts';
import { deleteUser, lockUser } from '../users/index.ts';

export interface Deletion {
  readonly db: Database;
  readonly auth: Auth;
  readonly rankings: Rankings | undefined;
  readonly changes: BoardChanges;
  readonly bulkhead: Bulkhead;
}

interface DeletionDependencies {
  readonly db: Database;
  readonly auth: Auth;
  readonly rankings?: Rankings | undefined;
  readonly changes: BoardChanges;
}

export function createDeletion({ db, auth, rankings, changes }: DeletionDependencies): Deletion {
  // A long history takes seconds, and each holds a connection.
  const bulkhead = createBulkhead({
    concurrent: 2,
    waiting: 100,
    maxWaitMs: 10_000,
    message: 'too many accounts are being deleted',
  });
  return { db, auth, rankings, changes, bulkhead };
}

/**
 * Deletes an account (EDGE-004): its scores leave every leaderboard, its sessions end, its name is free again, and its
 * score events stay without it. All in one transaction, the user's row locked first, as every writer of scores does:
 * an update that comes later finds no user, and one that came earlier is deleted too. Tells whether there was one.
 */
export async function deleteAccount(deletion: Deletion, userId: string): Promise<boolean> {
  const attempt = async () => await deleteOnce(deletion, userId);
  const deleted = await deletion
    .bulkhead(async () => await retryOnce(attempt, isRolledBack))
    .catch((error: unknown) => doubtRankings(deletion.rankings, error));
  if (deleted === undefined) return false;
  await deleted.forget();
  await deletion.rankings?.remove(userId, deleted.leaderboardIds);
  for (const leaderboardId of deleted.leaderboardIds) deletion.changes.announce({ leaderboardId, userId });
  return true;
}

/** What to do once it is committed. */
interface Deleted {
  readonly forget: () => Promise<void>;
  readonly leaderboardIds: readonly string[];
}

/** Undefined when there is no such account. */
async function deleteOnce({ db, auth }: Deletion, userId: string): Promise<Deleted | undefined> {
  return await db.transaction(async (queries) => {
    const user = await lockUser(queries, userId);
    if (user === undefined) return undefined;
    await detachEvents(queries, userId);
    const forget = await endAccess(auth, queries, user);
    // Late, because other players' updates wait for the counts that it locks.
    const leaderboardIds = await removeScores(queries, userId);
    await deleteUser(queries, userId);
    return { forget, leaderboardIds };
  });
}
