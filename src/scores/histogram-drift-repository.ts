import type { Queries, Statement } from '../db/index.ts';
import { scoresInRange } from '../leaderboards/index.ts';
import { bucket, range } from './bucket-range.ts';
import type { Bucket } from './histogram-repository.ts';

type Place = Pick<Bucket, 'leaderboardId' | 'lower'>;

/** What is in a bucket: what its scores say, and what score_counts says. */
export interface Tally {
  readonly counted: number;
  readonly kept: number;
}

const compareStatement: Statement = {
  name: 'compare_bucket',
  text: `
    WITH ${bucket}, range AS MATERIALIZED (SELECT ${range('lower', 'upper')} FROM bucket)
    SELECT (SELECT count(*) FROM ${scoresInRange('range')} AS in_bucket) AS counted,
      (SELECT coalesce(sum(players), 0)::bigint FROM score_counts WHERE leaderboard_id = $1 AND lower = $2::numeric) AS kept
    FROM bucket`,
};

/** Counts a bucket as of one moment; undefined when it is gone. */
export async function compareBucket(
  queries: Queries,
  { leaderboardId, lower }: Place,
): Promise<Tally | undefined> {
  const [tally] = await queries.run<Tally>(compareStatement, [leaderboardId, lower]);
  return tally;
}

/** Any number that no other advisory lock takes: "larv" in ASCII. */
const MENDING_LOCK = 0x6c61_7276;

const lockStatement: Statement = {
  name: 'lock_mending',
  text: `SELECT pg_advisory_xact_lock(${MENDING_LOCK}, hashtext($1))`,
};

/** Lets nobody else mend the leaderboard's counts until the transaction ends. */
export async function lockMending(queries: Queries, leaderboardId: string): Promise<void> {
  await queries.run(lockStatement, [leaderboardId]);
}

const addStatement: Statement = {
  name: 'add_to_bucket',
  text: `
    INSERT INTO score_counts AS c (leaderboard_id, lower, shard, players)
    SELECT id, $2::numeric, 0, $3::bigint FROM leaderboards WHERE id = $1 AND $2::numeric = ANY (rank_bounds)
    ON CONFLICT (leaderboard_id, lower, shard) DO UPDATE SET players = c.players + excluded.players
    RETURNING 1`,
};

/** Tells whether the bucket was there to be added to. The bounds must be locked. */
export async function addToBucket(
  queries: Queries,
  { leaderboardId, lower }: Place,
  players: number,
): Promise<boolean> {
  return (await queries.run(addStatement, [leaderboardId, lower, players])).length === 1;
}

const isStray = '(leaderboard_id, lower) NOT IN (SELECT id, unnest(rank_bounds) FROM leaderboards)';

const straysStatement: Statement = {
  name: 'list_stray_counts',
  text: `
    SELECT leaderboard_id AS "leaderboardId", lower::text, sum(players)::bigint AS players
    FROM score_counts WHERE ${isStray} GROUP BY leaderboard_id, lower`,
};

/** Lists counts of buckets that are none. */
export async function listStrayCounts(queries: Queries): Promise<Bucket[]> {
  return await queries.run<Bucket>(straysStatement, []);
}

const removeStatement: Statement = {
  name: 'remove_stray_counts',
  text: `DELETE FROM score_counts WHERE leaderboard_id = $1 AND lower = $2::numeric AND ${isStray} RETURNING 1`,
};

/** Tells whether there were any. The bounds must be locked. */
export async function removeStrayCounts(queries: Queries, { leaderboardId, lower }: Place): Promise<boolean> {
  return (await queries.run(removeStatement, [leaderboardId, lower])).length > 0;
}
