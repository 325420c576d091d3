import { scoreOfKey, timeOfKey } from '../leaderboards/index.ts';

/** SQL for the keys between which the bucket of leaderboard $1 that begins at $2 lies; no row when there is none. */
export const bucket = `bucket AS MATERIALIZED (
  SELECT $2::numeric AS lower, (SELECT min(bound) FROM unnest(rank_bounds) AS bound WHERE bound > $2::numeric) AS upper
  FROM leaderboards WHERE id = $1 AND $2::numeric = ANY (rank_bounds)
)`;

/** SQL for what scoresInRange reads, from one key up to another; null has no upper end. */
export function range(lower: string, upper: string): string {
  return `${scoreOfKey(lower)} AS low_score, ${timeOfKey(lower)} AS low_time,
    ${scoreOfKey(upper)} AS high_score, ${timeOfKey(upper)} AS high_time`;
}
