import type { Instant, Queries, Statement } from '../db/index.ts';
import { MAX_TOTAL_SCORE } from '../leaderboards/index.ts';
import { type Applied, type AppliedRow, toApplied } from './repository.ts';
import type { ScoreChange } from './score.ts';

/** An operator's change of a score. */
export interface Adjustment extends ScoreChange {
  readonly reason: string;
  /** Who made it. */
  readonly actor: string;
}

/** A repetition within this time is recognised by its action id. */
const REMEMBERED = '1 day';
const LOCK_TIMEOUT = '2s';

/**
 * The score statement for one change that may go down, with the same steps and locks: applyScoresStatement explains
 * them. The first-reached time moves only when the total rises.
 *
 * Parameters: $1 leaderboard id, $2 user id, $3 action id, $4 delta, $5 actor, $6 reason, $7 the last first-reached time
 * that this process gave out. Returns one row; as applyScoresStatement does.
 */
const adjustStatement: Statement = {
  name: 'adjust_score',
  text: `
WITH present AS MATERIALIZED (
  SELECT id AS user_id FROM users
  WHERE id = $2::uuid AND (SELECT set_config('lock_timeout', '${LOCK_TIMEOUT}', true)) IS NOT NULL FOR NO KEY UPDATE
), locked AS MATERIALIZED (
  SELECT s.user_id, s.total_score FROM present JOIN scores s USING (user_id)
  WHERE s.leaderboard_id = $1::text FOR UPDATE OF s
), moment AS MATERIALIZED (
  SELECT greatest(clock_timestamp(), $7::timestamptz + interval '1 microsecond') AS base
  FROM (SELECT count(*) FROM locked) AS after_locks
), claimed AS (
  INSERT INTO consumed_actions (action_id, user_id, leaderboard_id, score_delta, event_id, expires_at)
  SELECT $3::text, user_id, l.id, $4::bigint, nextval('score_events_id_seq'), base + interval '${REMEMBERED}'
  FROM moment CROSS JOIN present JOIN leaderboards l ON l.id = $1::text
  ON CONFLICT (action_id) DO NOTHING
  RETURNING user_id, event_id
), scored AS (
  INSERT INTO scores AS s (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
  SELECT $1::text, user_id, greatest($4::bigint, 0), base, 1, base FROM claimed CROSS JOIN moment
  ON CONFLICT (user_id, leaderboard_id) DO UPDATE SET
    total_score = least(greatest(s.total_score + $4::bigint, 0), ${MAX_TOTAL_SCORE}),
    score_first_reached_at = CASE WHEN $4::bigint > 0 AND s.total_score < ${MAX_TOTAL_SCORE}
      THEN greatest(excluded.score_first_reached_at, s.score_first_reached_at + interval '1 microsecond')
      ELSE s.score_first_reached_at END,
    version = s.version + 1,
    updated_at = greatest(excluded.updated_at, s.updated_at)
  RETURNING s.leaderboard_id, s.user_id, s.total_score, s.score_first_reached_at, s.version, s.updated_at
), moved AS MATERIALIZED (
  SELECT s.*, s.total_score - coalesce(k.total_score, 0) AS applied
  FROM scored s LEFT JOIN locked k USING (user_id)
  WHERE s.version = 1 OR k.total_score IS NOT NULL OR fail_unseen_score()
), recorded AS (
  INSERT INTO score_events (id, leaderboard_id, user_id, action_id, kind, score_delta, applied_delta, total_after,
    score_first_reached_at, capped, actor, metadata, created_at)
  SELECT event_id, leaderboard_id, user_id, $3::text, 'adjustment', $4::bigint, applied, total_score,
    score_first_reached_at, applied <> $4::bigint, $5::text, jsonb_build_object('reason', $6::text), updated_at
  FROM moved JOIN claimed USING (user_id)
  RETURNING total_after, score_first_reached_at, capped
)
SELECT EXISTS (SELECT FROM present) AS "userExists",
       EXISTS (SELECT FROM leaderboards WHERE id = $1::text) AS "leaderboardExists",
       r.total_after AS "totalScore", r.score_first_reached_at AS "scoreFirstReachedAt", r.capped, m.version
FROM (VALUES (1)) AS always LEFT JOIN (recorded r CROSS JOIN moved m) ON true`,
};

/** Applies an adjustment; first-reached times that it gives out are later than `after`. */
export async function applyAdjustment(
  queries: Queries,
  adjustment: Adjustment,
  after: Instant,
): Promise<Applied> {
  const { leaderboardId, userId, actionId, scoreDelta, actor, reason } = adjustment;
  const values = [leaderboardId, userId, actionId, scoreDelta, actor, reason, after];
  const [row] = await queries.run<AppliedRow>(adjustStatement, values);
  return toApplied(adjustment, row);
}
