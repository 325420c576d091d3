import { asc, eq, sql } from 'drizzle-orm';

import type { Database, Instant, Queries, Statement } from '../db/index.ts';
import { scoreOfKey, scoresInRange, timeOfKey } from './rank-key.ts';
import type { Entry, Leaderboard, Page } from './leaderboard.ts';
import { LeaderboardsTable } from './tables.ts';

export async function selectLeaderboards({ orm }: Queries): Promise<Leaderboard[]> {
  const { id, title, createdAt } = LeaderboardsTable;
  return await orm
    .select({ id, title, createdAt })
    .from(LeaderboardsTable)
    .orderBy(asc(LeaderboardsTable.createdAt), asc(LeaderboardsTable.id));
}

export async function hasLeaderboard(queries: Queries, leaderboardId: string): Promise<boolean> {
  const found = await queries.orm
    .select({ id: LeaderboardsTable.id })
    .from(LeaderboardsTable)
    .where(eq(LeaderboardsTable.id, leaderboardId));
  return found.length === 1;
}

/** Makes a leaderboard or gives it a new title; tells which. */
export async function upsertLeaderboard(
  db: Database,
  { id, title }: Pick<Leaderboard, 'id' | 'title'>,
): Promise<{ leaderboard: Leaderboard; created: boolean }> {
  const [row] = await db.orm
    .insert(LeaderboardsTable)
    .values({ id, title })
    .onConflictDoUpdate({ target: LeaderboardsTable.id, set: { title } })
    .returning({
      id: LeaderboardsTable.id,
      title: LeaderboardsTable.title,
      createdAt: LeaderboardsTable.createdAt,
      // A row version that no transaction has replaced yet is a new row.
      created: sql<boolean>`xmax = 0`,
    });
  if (row === undefined) throw new Error('an upsert returned no row');
  const { created, ...leaderboard } = row;
  return { leaderboard, created };
}

interface EntryRow {
  readonly userId: string;
  readonly username: string;
  readonly totalScore: number;
  readonly scoreFirstReachedAt: Instant;
}

/*
 * Counting every better row would take a tenth of a second at a million players. score_counts knows how many players
 * each bucket holds, so only the rows of one bucket are counted or skipped.
 */
const page: Statement = {
  name: 'leaderboard_page',
  text: `
WITH buckets AS MATERIALIZED (
  SELECT lower, sum(players)::bigint AS players,
    (sum(sum(players)) OVER (ORDER BY lower DESC) - sum(players))::bigint AS better
  FROM score_counts WHERE leaderboard_id = $1 GROUP BY lower
), start AS MATERIALIZED (
  SELECT better, $3 - better AS skipped, ${scoreOfKey('upper')} AS score, ${timeOfKey('upper')} AS time
  FROM (
    SELECT better, (SELECT min(bound) FROM leaderboards, unnest(rank_bounds) AS bound WHERE id = $1 AND bound > lower) AS upper
    FROM buckets WHERE better <= $3 ORDER BY lower LIMIT 1
  ) AS bucket
), entries AS MATERIALIZED (
  SELECT * FROM (
    (SELECT s.user_id, s.total_score, s.score_first_reached_at FROM scores s
     WHERE s.leaderboard_id = $1 AND s.total_score = (SELECT score FROM start)
       AND s.score_first_reached_at > (SELECT time FROM start)
     ORDER BY s.score_first_reached_at, s.user_id DESC LIMIT (SELECT skipped FROM start) + $2)
    UNION ALL
    (SELECT s.user_id, s.total_score, s.score_first_reached_at FROM scores s
     WHERE s.leaderboard_id = $1 AND s.total_score < (SELECT score FROM start)
     ORDER BY s.total_score DESC, s.score_first_reached_at, s.user_id DESC LIMIT (SELECT skipped FROM start) + $2)
  ) AS from_the_bucket_on
  ORDER BY total_score DESC, score_first_reached_at, user_id DESC LIMIT $2 OFFSET (SELECT skipped FROM start)
)
SELECT (SELECT coalesce(sum(players), 0)::bigint FROM buckets) AS "totalPlayers",
       floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint AS "readAt",
       u.id AS "userId", u.username, e.total_score AS "totalScore", e.score_first_reached_at AS "scoreFirstReachedAt"
FROM leaderboards l
LEFT JOIN (entries e JOIN users u ON u.id = e.user_id) ON true
WHERE l.id = $1
ORDER BY e.total_score DESC, e.score_first_reached_at, e.user_id DESC`,
};

interface PageRow extends EntryRow {
  readonly readAt: number;
  readonly totalPlayers: number;
}

/** Finds `limit` entries from `offset` and the number of players, as of one moment; undefined without the leaderboard. */
export async function findPage(
  db: Queries,
  leaderboardId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<Omit<Page, 'source'> | undefined> {
  const rows = await db.run<PageRow | (PageRow & { userId: null })>(page, [leaderboardId, limit, offset]);
  const [first] = rows;
  if (first === undefined) return undefined;
  const entries = first.userId === null ? [] : rows.map((row, index) => toEntry(row, offset + index + 1));
  return { leaderboardId, totalPlayers: first.totalPlayers, entries, readAt: first.readAt };
}

/*
 * The order has mixed directions, so no single comparison of rows expresses "better than me" as a range of the index.
 * Three ranges do: equal in score and time, equal in score, above in score. Each is read in index order as far as needed.
 */
const position: Statement = {
  name: 'leaderboard_position',
  text: `
WITH me AS MATERIALIZED (
  SELECT user_id, total_score, score_first_reached_at FROM scores WHERE leaderboard_id = $1 AND user_id = $2
), bucket AS MATERIALIZED (
  -- From the next microsecond up: whoever has the same score and time is compared by id.
  SELECT lower, me.total_score AS low_score, me.score_first_reached_at - interval '1 microsecond' AS low_time,
    ${scoreOfKey('upper')} AS high_score, ${timeOfKey('upper')} AS high_time
  FROM me, (
    SELECT rank_bounds[place] AS lower, rank_bounds[place + 1] AS upper
    FROM me, leaderboards l,
      LATERAL width_bucket(rank_key(me.total_score, me.score_first_reached_at), l.rank_bounds) AS place
    WHERE l.id = $1
  ) AS bounds
), better AS (
  SELECT (SELECT coalesce(sum(players), 0)::bigint FROM score_counts WHERE leaderboard_id = $1 AND lower > bucket.lower)
       + (SELECT count(*) FROM ${scoresInRange('bucket')} AS in_bucket)
       + (SELECT count(*) FROM scores s
          WHERE s.leaderboard_id = $1 AND s.total_score = me.total_score
            AND s.score_first_reached_at = me.score_first_reached_at AND s.user_id > me.user_id) AS count
  FROM me, bucket
), above AS (
  SELECT near.* FROM me CROSS JOIN LATERAL (
    (SELECT user_id, total_score, score_first_reached_at FROM scores s
     WHERE s.leaderboard_id = $1 AND s.total_score = me.total_score
       AND s.score_first_reached_at = me.score_first_reached_at AND s.user_id > me.user_id
     ORDER BY user_id LIMIT $3)
    UNION ALL
    (SELECT user_id, total_score, score_first_reached_at FROM scores s
     WHERE s.leaderboard_id = $1 AND s.total_score = me.total_score
       AND s.score_first_reached_at < me.score_first_reached_at
     ORDER BY score_first_reached_at DESC, user_id LIMIT $3)
    UNION ALL
    (SELECT user_id, total_score, score_first_reached_at FROM scores s
     WHERE s.leaderboard_id = $1 AND s.total_score > me.total_score
     ORDER BY total_score, score_first_reached_at DESC, user_id LIMIT $3)
  ) AS near
  ORDER BY near.total_score, near.score_first_reached_at DESC, near.user_id LIMIT $3
), below AS (
  SELECT near.* FROM me CROSS JOIN LATERAL (
    (SELECT user_id, total_score, score_first_reached_at FROM scores s
     WHERE s.leaderboard_id = $1 AND s.total_score = me.total_score
       AND s.score_first_reached_at = me.score_first_reached_at AND s.user_id < me.user_id
     ORDER BY user_id DESC LIMIT $3)
    UNION ALL
    (SELECT user_id, total_score, score_first_reached_at FROM scores s
     WHERE s.leaderboard_id = $1 AND s.total_score = me.total_score
       AND s.score_first_reached_at > me.score_first_reached_at
     ORDER BY score_first_reached_at, user_id DESC LIMIT $3)
    UNION ALL
    (SELECT user_id, total_score, score_first_reached_at FROM scores s
     WHERE s.leaderboard_id = $1 AND s.total_score < me.total_score
     ORDER BY total_score DESC, score_first_reached_at, user_id DESC LIMIT $3)
  ) AS near
  ORDER BY near.total_score DESC, near.score_first_reached_at, near.user_id DESC LIMIT $3
), around AS (
  SELECT * FROM above UNION ALL SELECT * FROM me UNION ALL SELECT * FROM below
)
SELECT EXISTS (SELECT FROM leaderboards WHERE id = $1) AS "leaderboardExists",
       EXISTS (SELECT FROM users WHERE id = $2) AS "userExists",
       (SELECT coalesce(sum(players), 0)::bigint FROM score_counts WHERE leaderboard_id = $1) AS "totalPlayers",
       (SELECT count FROM better) AS "better",
       u.id AS "userId", u.username, a.total_score AS "totalScore", a.score_first_reached_at AS "scoreFirstReachedAt"
FROM (VALUES (1)) AS always
LEFT JOIN (around a JOIN users u ON u.id = a.user_id) ON true
ORDER BY a.total_score DESC, a.score_first_reached_at, a.user_id DESC`,
};

interface PositionRow extends EntryRow {
  readonly leaderboardExists: boolean;
  readonly userExists: boolean;
  readonly totalPlayers: number;
  readonly better: number;
}

export interface Standing {
  readonly leaderboardExists: boolean;
  readonly userExists: boolean;
  readonly totalPlayers: number;
  /** The player and up to `around` neighbours on each side, in rank order; empty for a player without a score. */
  readonly entries: readonly Entry[];
}

/** Finds where a player stands on a leaderboard, all of it as of one moment. */
export async function findStanding(
  db: Queries,
  leaderboardId: string,
  { userId, around }: { userId: string; around: number },
): Promise<Standing> {
  const rows = await db.run<PositionRow | (PositionRow & { userId: null })>(position, [
    leaderboardId,
    userId,
    around,
  ]);
  const [first] = rows;
  if (first === undefined) throw new Error('the position statement returned no row');
  const { leaderboardExists, userExists, totalPlayers } = first;
  const mine = rows.findIndex((row) => row.userId === userId);
  const entries = mine < 0 ? [] : rows.map((row, index) => toEntry(row, first.better + 1 + index - mine));
  return { leaderboardExists, userExists, totalPlayers, entries };
}

function toEntry(row: EntryRow, rank: number): Entry {
  const { userId, username, totalScore, scoreFirstReachedAt } = row;
  return { rank, userId, username, totalScore, scoreFirstReachedAt };
}
