import type { Instant, Queries, Statement } from '../../db/index.ts';
import type { IndexedScore, Origin } from '../ranking-index/index.ts';

const nowStatement: Statement = { name: 'sync_now', text: 'SELECT clock_timestamp() AS now' };

/** Reads the database's clock. */
export async function readClock(db: Queries): Promise<Instant> {
  const [row] = await db.run<{ now: Instant }>(nowStatement, []);
  if (row === undefined) throw new Error('the clock returned no row');
  return row.now;
}

/** A restore, and a server that took over, begin another timeline; a dump is restored into another database. */
const originStatement: Statement = {
  name: 'sync_origin',
  text: `
    SELECT (lsn - '0/0')::text AS position,
           concat_ws('/', system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()),
                     left(pg_walfile_name(lsn), 8)) AS database
    FROM pg_current_wal_flush_lsn() AS lsn, pg_control_system()`,
};

/** Reads which database this is, and how far its log goes. */
export async function selectOrigin(db: Queries): Promise<Origin> {
  const [row] = await db.run<Origin>(originStatement, []);
  if (row === undefined) throw new Error('the origin returned no row');
  return row;
}

const columns = `user_id AS "userId", total_score AS "totalScore",
  score_first_reached_at AS "scoreFirstReachedAt", version`;

const changedStatement: Statement = {
  name: 'sync_changed_scores',
  text: `
    SELECT ${columns}, updated_at AS "updatedAt" FROM scores
    WHERE leaderboard_id = $1 AND updated_at >= $2::timestamptz AND (updated_at, user_id) > ($2::timestamptz, $3::uuid)
    ORDER BY updated_at, user_id LIMIT $4`,
};

export interface ChangedScore extends IndexedScore {
  readonly updatedAt: Instant;
}

/** Where to go on among scores in the order in which they were last changed. */
export interface ChangeCursor {
  readonly updatedAt: Instant;
  readonly userId: string;
}

/** Below every user id. */
const FIRST_USER = '00000000-0000-0000-0000-000000000000';

/** The cursor before everything that was changed at `time` or later. */
export function changedSince(time: Instant): ChangeCursor {
  return { updatedAt: time, userId: FIRST_USER };
}

/** Finds the next `limit` scores behind the cursor, oldest change first. */
export async function findChangedScores(
  db: Queries,
  leaderboardId: string,
  { after, limit }: { after: ChangeCursor; limit: number },
): Promise<ChangedScore[]> {
  const { updatedAt, userId } = after;
  return await db.run<ChangedScore>(changedStatement, [leaderboardId, updatedAt, userId, limit]);
}

/** Three ranges of scores_rank_idx, as no comparison of rows has mixed directions. */
const rankedStatement: Statement = {
  name: 'sync_ranked_scores',
  text: `
    SELECT ${columns} FROM (
      (SELECT * FROM scores WHERE leaderboard_id = $1 AND total_score = $2::bigint
         AND score_first_reached_at = $3::timestamptz AND user_id < $4::uuid
       ORDER BY user_id DESC LIMIT $5)
      UNION ALL
      (SELECT * FROM scores WHERE leaderboard_id = $1 AND total_score = $2::bigint
         AND score_first_reached_at > $3::timestamptz
       ORDER BY score_first_reached_at, user_id DESC LIMIT $5)
      UNION ALL
      (SELECT * FROM scores WHERE leaderboard_id = $1 AND total_score < $2::bigint
       ORDER BY total_score DESC, score_first_reached_at, user_id DESC LIMIT $5)
    ) AS next
    ORDER BY next.total_score DESC, next.score_first_reached_at, next.user_id DESC LIMIT $5`,
};

/** Above every score that can be. */
const TOP = { totalScore: Number.MAX_SAFE_INTEGER, scoreFirstReachedAt: '-infinity', userId: FIRST_USER };

/** Finds the next `limit` scores below `after` in the order of the leaderboard; the best without it. */
export async function findRankedScores(
  db: Queries,
  leaderboardId: string,
  { after = TOP, limit }: { after?: Omit<IndexedScore, 'version'> | undefined; limit: number },
): Promise<IndexedScore[]> {
  const { totalScore, scoreFirstReachedAt, userId } = after;
  return await db.run<IndexedScore>(rankedStatement, [
    leaderboardId,
    totalScore,
    scoreFirstReachedAt,
    userId,
    limit,
  ]);
}

const ofPlayersStatement: Statement = {
  name: 'sync_scores_of_players',
  text: `SELECT ${columns} FROM scores WHERE leaderboard_id = $1 AND user_id = ANY ($2::uuid[])`,
};

/** Finds the scores of some players; those who have none are missing. */
export async function findScoresOf(
  db: Queries,
  leaderboardId: string,
  userIds: readonly string[],
): Promise<IndexedScore[]> {
  return await db.run<IndexedScore>(ofPlayersStatement, [leaderboardId, userIds]);
}

const countStatement: Statement = {
  name: 'sync_count_players',
  text: `
    SELECT (SELECT coalesce(sum(players), 0)::bigint FROM score_counts WHERE leaderboard_id = $1) AS players,
           (SELECT count(*) FROM removed_scores WHERE leaderboard_id = $1 AND removed_at >= $2::timestamptz) AS removed`,
};

export interface PlayerCount {
  readonly players: number;
  /** Who were taken off the leaderboard since the given time. */
  readonly removed: number;
}

/** Counts the players of a leaderboard, and those who were removed since a time in the last two days. */
export async function countPlayers(db: Queries, leaderboardId: string, since: Instant): Promise<PlayerCount> {
  const [row] = await db.run<PlayerCount>(countStatement, [leaderboardId, since]);
  if (row === undefined) throw new Error('counting players returned no row');
  return row;
}

const removedStatement: Statement = {
  name: 'sync_removed_players',
  text: `
    SELECT user_id AS "userId" FROM removed_scores
    WHERE leaderboard_id = $1 AND user_id > $2::uuid ORDER BY user_id LIMIT $3`,
};

/** Finds the next `limit` players behind the id who were taken off a leaderboard in the last two days. */
export async function findRemovedPlayers(
  db: Queries,
  leaderboardId: string,
  { after = FIRST_USER, limit }: { after?: string | undefined; limit: number },
): Promise<string[]> {
  const rows = await db.run<{ userId: string }>(removedStatement, [leaderboardId, after, limit]);
  return rows.map(({ userId }) => userId);
}
