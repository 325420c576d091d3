import type { Queries, Statement } from '../db/index.ts';
import type { ScoreEvent } from './score.ts';

const eventsStatement: Statement = {
  name: 'score_events_of_player',
  text: `
    SELECT id, leaderboard_id AS "leaderboardId", action_id AS "actionId", kind, score_delta AS "scoreDelta",
           applied_delta AS "appliedDelta", total_after AS "totalAfter", metadata ->> 'reason' AS reason,
           created_at AS "createdAt"
    FROM score_events WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
};

export async function selectScoreEvents(
  queries: Queries,
  { userId, limit, before }: { userId: string; limit: number; before: number },
): Promise<ScoreEvent[]> {
  return await queries.run<ScoreEvent>(eventsStatement, [userId, before, limit]);
}

const DETACH_BATCH = 10_000;

const detachStatement: Statement = {
  name: 'detach_events',
  text: `
    UPDATE score_events SET user_id = NULL
    WHERE id IN (SELECT id FROM score_events WHERE user_id = $1 ORDER BY id LIMIT ${DETACH_BATCH}) RETURNING 1`,
};

/**
 * Takes a player's name off the events, which stay (EDGE-004). In batches, so that no statement runs out of time over a
 * long history; the transaction is the caller's, and the player's user row must be locked.
 */
export async function detachEvents(queries: Queries, userId: string): Promise<void> {
  let count: number;
  do {
    count = (await queries.run(detachStatement, [userId])).length;
  } while (count === DETACH_BATCH);
}
