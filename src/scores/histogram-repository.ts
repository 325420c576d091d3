import type { Queries, Statement } from '../db/index.ts';
import { scoresInRange } from '../leaderboards/index.ts';
import { bucket, range } from './bucket-range.ts';

export interface Bucket {
  readonly leaderboardId: string;
  /** The rank key at which it begins, in decimal digits: it does not fit a number. */
  readonly lower: string;
  readonly players: number;
}

const bucketsStatement: Statement = {
  name: 'list_buckets',
  text: `
    SELECT id AS "leaderboardId", bound::text AS lower, coalesce(sum(players), 0)::bigint AS players
    FROM leaderboards CROSS JOIN unnest(rank_bounds) AS bound
    LEFT JOIN score_counts c ON c.leaderboard_id = id AND c.lower = bound
    GROUP BY id, bound ORDER BY id, bound`,
};

/** Lists the buckets of every leaderboard, in the order of their ranges. */
export async function listBuckets(queries: Queries): Promise<Bucket[]> {
  return await queries.run<Bucket>(bucketsStatement, []);
}

/** The best rows of one part of a bucket, read in the order of scores_rank_idx as far as needed. */
function bestOf(condition: string): string {
  return `(
    SELECT s.total_score, s.score_first_reached_at FROM scores s WHERE s.leaderboard_id = $1 AND ${condition}
    ORDER BY s.total_score DESC, s.score_first_reached_at LIMIT $3::bigint * $4
  )`;
}

/*
 * scoresInRange would be sorted whole. These are its three parts, each with its limit; a range within one score is all
 * in the last.
 */
const cutsStatement: Statement = {
  name: 'select_cuts',
  text: `
    WITH ${bucket}, range AS MATERIALIZED (
      SELECT ${range('lower', 'upper')} FROM bucket
    ), placed AS (
      SELECT *, row_number() OVER (ORDER BY total_score DESC, score_first_reached_at) AS place
      FROM (
        SELECT * FROM (
          ${bestOf(`s.total_score = (SELECT high_score FROM range WHERE high_score > low_score)
            AND s.score_first_reached_at > (SELECT high_time FROM range)`)}
          UNION ALL
          ${bestOf(`s.total_score > (SELECT low_score FROM range) AND s.total_score < (SELECT high_score FROM range)`)}
          UNION ALL
          ${bestOf(`s.total_score = (SELECT low_score FROM range)
            AND s.score_first_reached_at <= (SELECT low_time FROM range)
            AND s.score_first_reached_at >
              (SELECT CASE WHEN low_score = high_score THEN high_time ELSE '-infinity' END FROM range)`)}
        ) AS parts ORDER BY total_score DESC, score_first_reached_at LIMIT $3::bigint * $4
      ) AS best
    )
    SELECT DISTINCT key::text AS cut FROM placed, rank_key(total_score, score_first_reached_at) AS key
    WHERE place % $3 = 0 AND key > $2::numeric`,
};

/**
 * Finds keys that cut slices of about `size` players off the upper end of a bucket, at most `limit`; none where all
 * players share one key.
 */
export async function selectCuts(
  queries: Queries,
  { leaderboardId, lower }: Bucket,
  { size, limit }: { size: number; limit: number },
): Promise<readonly string[]> {
  const rows = await queries.run<{ cut: string }>(cutsStatement, [leaderboardId, lower, size, limit]);
  return rows.map(({ cut }) => cut);
}

const lockStatement: Statement = {
  name: 'lock_bounds',
  text: 'SELECT lock_rank_bounds(ARRAY[$1::text], to_change => true)',
};

/**
 * Lets no writer of the leaderboard's scores count until the transaction ends, and waits for those who have. A statement
 * of its own, so that the next one sees what they committed.
 */
export async function lockBounds(queries: Queries, leaderboardId: string): Promise<void> {
  await queries.run(lockStatement, [leaderboardId]);
}

const cutsWithinStatement: Statement = {
  name: 'select_cuts_within',
  text: `
    WITH ${bucket}
    SELECT cut::text FROM bucket, unnest($3::numeric[]) AS cut WHERE cut > lower AND (upper IS NULL OR cut < upper)`,
};

const takeStatement: Statement = {
  name: 'take_bucket',
  text: `
    WITH gone AS (DELETE FROM score_counts WHERE leaderboard_id = $1 AND lower = $2::numeric RETURNING players)
    SELECT coalesce(sum(players), 0)::bigint AS players FROM gone`,
};

const sliceStatement: Statement = {
  name: 'slice_bucket',
  text: `
    WITH ${bucket}, cuts AS MATERIALIZED (
      SELECT array_agg(cut ORDER BY cut) AS bounds, min(cut) AS lowest FROM unnest($3::numeric[]) AS cut
    ), range AS MATERIALIZED (
      SELECT ${range('lowest', 'upper')} FROM bucket, cuts
    ), slices AS MATERIALIZED (
      SELECT bounds[width_bucket(rank_key(total_score, score_first_reached_at), bounds)] AS lower, count(*) AS players
      FROM cuts, ${scoresInRange('range')} AS sliced GROUP BY 1
    ), counted AS (
      INSERT INTO score_counts (leaderboard_id, lower, shard, players)
      SELECT $1, slices.lower, 0, slices.players FROM slices
      UNION ALL
      SELECT $1, $2::numeric, 0, $4::bigint - (SELECT coalesce(sum(slices.players), 0) FROM slices)
    )
    UPDATE leaderboards SET rank_bounds = (
      SELECT array_agg(DISTINCT bound ORDER BY bound) FROM unnest(rank_bounds || bounds) AS bound
    ) FROM cuts WHERE id = $1`,
};

/**
 * Cuts slices off a bucket. Only they are counted, and what is left is the rest, so that no bucket is too large to be
 * cut. Does nothing when somebody else did it before. The bounds must be locked.
 */
export async function cutBucket(
  queries: Queries,
  { leaderboardId, lower }: Bucket,
  cuts: readonly string[],
): Promise<void> {
  const within = await queries.run<{ cut: string }>(cutsWithinStatement, [leaderboardId, lower, cuts]);
  if (within.length === 0) return;
  const [taken] = await queries.run<{ players: number }>(takeStatement, [leaderboardId, lower]);
  const players = taken?.players ?? 0;
  await queries.run(sliceStatement, [leaderboardId, lower, within.map(({ cut }) => cut), players]);
}

const mergeStatement: Statement = {
  name: 'merge_bucket',
  text: `
    WITH below AS (
      SELECT max(bound) AS lower FROM leaderboards, unnest(rank_bounds) AS bound
      WHERE id = $1 AND $2::numeric = ANY (rank_bounds) AND bound < $2::numeric
    ), gone AS (
      DELETE FROM score_counts WHERE leaderboard_id = $1 AND lower = $2::numeric
        AND (SELECT lower FROM below) IS NOT NULL RETURNING players
    ), merged AS (
      INSERT INTO score_counts AS c (leaderboard_id, lower, shard, players)
      SELECT $1, below.lower, 0, coalesce((SELECT sum(players) FROM gone), 0) FROM below WHERE below.lower IS NOT NULL
      ON CONFLICT (leaderboard_id, lower, shard) DO UPDATE SET players = c.players + excluded.players
    )
    UPDATE leaderboards SET rank_bounds = array_remove(rank_bounds, $2::numeric)
    WHERE id = $1 AND (SELECT lower FROM below) IS NOT NULL`,
};

/** Makes a bucket part of the one below it. The bounds must be locked. */
export async function mergeBucket(queries: Queries, { leaderboardId, lower }: Bucket): Promise<void> {
  await queries.run(mergeStatement, [leaderboardId, lower]);
}
