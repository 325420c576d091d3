import type { Queries, Statement } from '../db/index.ts';

const removeStatement: Statement = {
  name: 'remove_scores',
  text: `
    WITH gone AS (
      DELETE FROM scores WHERE user_id = $1 RETURNING leaderboard_id
    ), removed AS (
      INSERT INTO removed_scores (leaderboard_id, user_id) SELECT leaderboard_id, $1 FROM gone
    )
    SELECT leaderboard_id AS "leaderboardId" FROM gone`,
};

/**
 * Takes a player off every leaderboard, and notes it for indexes that learn of it later. The player's user row must be
 * locked FOR UPDATE: nobody can score then. Returns the ids of the leaderboards.
 */
export async function removeScores(queries: Queries, userId: string): Promise<string[]> {
  const rows = await queries.run<{ leaderboardId: string }>(removeStatement, [userId]);
  return rows.map(({ leaderboardId }) => leaderboardId);
}

const purgeStatement: Statement = {
  name: 'purge_removed_scores',
  text: `
    DELETE FROM removed_scores WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM removed_scores WHERE removed_at < now() - interval '2 days'
      ORDER BY removed_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )) RETURNING 1`,
};

/** Deletes up to `limit` notes that every index has seen by now; returns how many. */
export async function deleteOldRemovals(queries: Queries, limit: number): Promise<number> {
  return (await queries.run(purgeStatement, [limit])).length;
}
