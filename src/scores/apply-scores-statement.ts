import type { Statement } from '../db/index.ts';
import { MAX_TOTAL_SCORE } from '../leaderboards/index.ts';

/**
 * Applies a batch of score updates, at most one for each player, in one round trip: all of it or nothing.
 *
 * Every step reads from the one before, because PostgreSQL runs a locking CTE only as far as somebody reads it, and
 * every set is ordered by leaderboard and user. Locks are taken in the order that all writers keep: users, scores,
 * consumed actions, histogram. The lock on users is exclusive, so that batches meet there and nowhere else: a score
 * made by another batch after the snapshot has no place in any order, and a statement cannot see what its own CTE made.
 * A claim that meets one still open waits for it, then inserts nothing; findVerdicts looks it up afterwards.
 *
 * Parameters: $1 leaderboard ids, $2 user ids, $3 action ids, $4 deltas, $5 greatest scores, $6 expiries (Unix
 * seconds), $7 the last first-reached time that this process gave out, $8 the lock timeout.
 * Returns a row for each update, in order of arrival; those without an event scored nothing.
 */
export const applyScoresStatement: Statement = {
  name: 'apply_scores',
  text: `
WITH input AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
    WITH ORDINALITY AS t (leaderboard_id, user_id, action_id, delta, max_score, expires_at, position)
), present AS MATERIALIZED (
  SELECT id AS user_id FROM users
  WHERE id = ANY ($2::uuid[]) AND (SELECT set_config('lock_timeout', $8, true)) IS NOT NULL
  ORDER BY id FOR NO KEY UPDATE
), locked AS MATERIALIZED (
  SELECT s.leaderboard_id, s.user_id, s.total_score
  FROM input i JOIN present USING (user_id)
  JOIN scores s ON s.user_id = i.user_id AND s.leaderboard_id = i.leaderboard_id
  ORDER BY s.leaderboard_id, s.user_id FOR UPDATE OF s
), moment AS MATERIALIZED (
  -- One reading after the locks, spread by arrival below: some clocks only step by the millisecond.
  SELECT greatest(clock_timestamp(), $7::timestamptz) AS base FROM (SELECT count(*) FROM locked) AS after_locks
), claimed AS (
  INSERT INTO consumed_actions (action_id, user_id, leaderboard_id, score_delta, event_id, expires_at)
  SELECT i.action_id, i.user_id, i.leaderboard_id, i.delta, nextval('score_events_id_seq'), to_timestamp(i.expires_at)
  FROM moment CROSS JOIN input i
  JOIN present USING (user_id)
  JOIN leaderboards l ON l.id = i.leaderboard_id
  ORDER BY i.leaderboard_id, i.user_id
  ON CONFLICT (action_id) DO NOTHING
  RETURNING action_id, user_id, event_id
), scored AS (
  INSERT INTO scores AS s (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
  SELECT i.leaderboard_id, i.user_id, i.delta, m.base + i.position * interval '1 microsecond', 1, m.base
  FROM claimed JOIN input i USING (action_id, user_id) CROSS JOIN moment m
  ORDER BY i.leaderboard_id, i.user_id
  ON CONFLICT (user_id, leaderboard_id) DO UPDATE SET
    total_score = least(s.total_score + excluded.total_score, ${MAX_TOTAL_SCORE}),
    score_first_reached_at = CASE WHEN s.total_score < ${MAX_TOTAL_SCORE}
      THEN greatest(excluded.score_first_reached_at, s.score_first_reached_at + interval '1 microsecond')
      ELSE s.score_first_reached_at END,
    version = s.version + 1,
    updated_at = greatest(excluded.updated_at, s.updated_at)
  RETURNING s.leaderboard_id, s.user_id, s.total_score, s.score_first_reached_at, s.version, s.updated_at
), moved AS MATERIALIZED (
  -- A row that is not new and was not locked was made after the snapshot: what it held before cannot be known here.
  SELECT leaderboard_id, user_id, s.total_score, s.score_first_reached_at, s.version, s.updated_at,
    s.total_score - coalesce(k.total_score, 0) AS applied
  FROM scored s LEFT JOIN locked k USING (leaderboard_id, user_id)
  WHERE s.version = 1 OR k.total_score IS NOT NULL OR fail_unseen_score()
), recorded AS (
  INSERT INTO score_events (id, leaderboard_id, user_id, action_id, kind, score_delta, applied_delta, total_after,
    score_first_reached_at, capped, max_score, created_at)
  SELECT c.event_id, m.leaderboard_id, user_id, action_id, 'action', i.delta, m.applied, m.total_score,
    m.score_first_reached_at, m.applied < i.delta, i.max_score, m.updated_at
  FROM moved m JOIN claimed c USING (user_id) JOIN input i USING (action_id, user_id)
  RETURNING action_id, user_id, total_after, score_first_reached_at, capped
)
SELECT p.user_id IS NOT NULL AS "userExists",
       l.id IS NOT NULL AS "leaderboardExists",
       r.total_after AS "totalScore",
       r.score_first_reached_at AS "scoreFirstReachedAt",
       r.capped,
       m.version
FROM input i
LEFT JOIN present p USING (user_id)
LEFT JOIN leaderboards l ON l.id = i.leaderboard_id
LEFT JOIN recorded r ON r.action_id = i.action_id AND r.user_id = i.user_id
LEFT JOIN moved m ON m.user_id = r.user_id
ORDER BY i.position`,
};
