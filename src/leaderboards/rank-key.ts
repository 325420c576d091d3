import { MAX_TOTAL_SCORE } from './leaderboard.ts';

/** A rank key is `score * 1e17 - microseconds since 1970`; drizzle/0002_score_moves.sql makes rank_key(). */
const MICROSECONDS = '1e17';

/** SQL for the score of a rank key; a score above all for null. */
export function scoreOfKey(key: string): string {
  return `coalesce(ceil(${key} / ${MICROSECONDS}), ${MAX_TOTAL_SCORE} + 1::numeric)::bigint`;
}

/** SQL for the time of a rank key; the end of time for null. */
export function timeOfKey(key: string): string {
  const microseconds = `(ceil(${key} / ${MICROSECONDS}) * ${MICROSECONDS} - ${key})`;
  return `coalesce(timestamptz 'epoch' + ${microseconds}::float8 * interval '1 microsecond', 'infinity')`;
}

/**
 * SQL for the scores of leaderboard $1 from one key up to, but without, another. The FROM item `range` has both, taken
 * apart: `low_score`, `low_time`, `high_score`, `high_time`. Each of the three parts is one range of scores_rank_idx.
 */
export function scoresInRange(range: string): string {
  const columns = 's.user_id, s.total_score, s.score_first_reached_at';
  return `(
    SELECT ${columns} FROM ${range} r JOIN scores s ON s.leaderboard_id = $1
      AND s.total_score > r.low_score AND s.total_score < r.high_score
    UNION ALL
    SELECT ${columns} FROM ${range} r JOIN scores s ON s.leaderboard_id = $1
      AND s.total_score = r.low_score AND s.score_first_reached_at <= r.low_time
      AND s.score_first_reached_at > CASE WHEN r.low_score = r.high_score THEN r.high_time ELSE '-infinity' END
    UNION ALL
    SELECT ${columns} FROM ${range} r JOIN scores s ON s.leaderboard_id = $1
      AND s.total_score = r.high_score AND r.high_score > r.low_score AND s.score_first_reached_at > r.high_time
  )`;
}
