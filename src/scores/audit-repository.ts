import type { Queries, Statement } from '../db/index.ts';

/** A player whose total is not the sum of what the events applied. */
export interface Mismatch {
  readonly userId: string;
  readonly totalScore: number;
  readonly eventsTotal: number;
}

export interface AuditedPage {
  /** The last user that was looked at; null behind the last page. */
  readonly lastUserId: string | null;
  /** How many of them have a score on the leaderboard. */
  readonly players: number;
  readonly mismatched: readonly Mismatch[];
}

const auditStatement: Statement = {
  name: 'audit_scores',
  text: `
    WITH page AS (
      SELECT id FROM users WHERE id > $2::uuid ORDER BY id LIMIT $3
    ), compared AS (
      SELECT p.id, s.user_id IS NOT NULL AS scored, coalesce(s.total_score, 0) AS total, coalesce(e.total, 0) AS events
      FROM page p
      -- OFFSET keeps it one look-up a user: a plan that does not know the limit would read all scores.
      LEFT JOIN LATERAL (
        SELECT user_id, total_score FROM scores WHERE user_id = p.id AND leaderboard_id = $1 OFFSET 0
      ) AS s ON true
      LEFT JOIN LATERAL (
        SELECT sum(applied_delta)::bigint AS total FROM score_events WHERE user_id = p.id AND leaderboard_id = $1
      ) AS e ON true
    )
    SELECT (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS "lastUserId",
           (SELECT count(*) FROM compared WHERE scored) AS players,
           (SELECT coalesce(json_agg(json_build_object('userId', id, 'totalScore', total, 'eventsTotal', events)
              ORDER BY id), '[]') FROM compared WHERE total <> events) AS mismatched`,
};

/** Compares totals with events for up to `limit` users after one, as of one moment. */
export async function auditUsersAfter(
  queries: Queries,
  leaderboardId: string,
  { userId, limit }: { userId: string; limit: number },
): Promise<AuditedPage> {
  const [page] = await queries.run<AuditedPage>(auditStatement, [leaderboardId, userId, limit]);
  if (page === undefined) throw new Error('the audit statement returned no row');
  return page;
}
