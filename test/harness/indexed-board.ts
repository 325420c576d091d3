import type { Database, Statement } from '../../src/db/index.ts';
import { type IndexedScore, findIndexedPage } from '../../src/leaderboards/ranking-index/index.ts';
import type { Stores } from '../../src/leaderboards/sync/replay.ts';
import { openTestStore } from './database.ts';
import { insertPlayers } from './players.ts';
import { newBoardId } from './ranking-board.ts';
import { createTestRedis } from './redis.ts';
import { connectBy, patient } from './redis-clients.ts';
import { until } from './until.ts';

const insertBoard: Statement = {
  name: 'test_insert_board',
  text: `INSERT INTO leaderboards (id, title) VALUES ($1, 'Of a test')`,
};

/** Few scores and times, so that ties of every depth occur. */
const insertScores: Statement = {
  name: 'test_insert_board_scores',
  text: `
    INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
    SELECT $1, id, n % 7, timestamptz '2026-01-01' + (n % 5) * interval '1 microsecond', 1, clock_timestamp()
    FROM unnest($2::uuid[]) WITH ORDINALITY AS players (id, n)`,
};

const orderStatement: Statement = {
  name: 'test_board_order',
  text: `
    SELECT user_id AS "userId", total_score AS "totalScore", score_first_reached_at AS "scoreFirstReachedAt"
    FROM scores WHERE leaderboard_id = $1
    ORDER BY total_score DESC, score_first_reached_at, user_id DESC`,
};

type Standing = Omit<IndexedScore, 'version'>;

/** A PostgreSQL and a Redis of its own. */
export async function openStores(): Promise<Stores & { readonly db: Database }> {
  const redis = await connectBy('resp', await createTestRedis());
  await until('Redis is used', () => redis.health.usable);
  return { db: await openTestStore('postgres'), redis: patient(redis) };
}

/** Makes a leaderboard with so many players that only PostgreSQL knows of. */
export async function fillBoard(db: Database, count: number): Promise<{ board: string; userIds: string[] }> {
  const board = newBoardId();
  await db.run(insertBoard, [board]);
  const userIds = (await insertPlayers(db, count)).map(({ userId }) => userId);
  await db.run(insertScores, [board, userIds]);
  return { board, userIds };
}

/** Adds to a score, past every service; `ago` is how long before now it says it was changed. */
export async function changeScore(
  db: Database,
  board: string,
  userId: string,
  ago = '0 s',
): Promise<IndexedScore> {
  const text = `
    UPDATE scores SET total_score = total_score + 10, version = version + 1,
      score_first_reached_at = clock_timestamp(), updated_at = clock_timestamp() - $3::interval
    WHERE leaderboard_id = $1 AND user_id = $2
    RETURNING user_id AS "userId", total_score AS "totalScore",
      score_first_reached_at AS "scoreFirstReachedAt", version`;
  const [row] = await db.run<IndexedScore>({ name: 'test_change_score', text }, [board, userId, ago]);
  if (row === undefined) throw new Error('no score was changed');
  return row;
}

/** The whole order of PostgreSQL, best first. */
export async function listOrder(db: Database, board: string): Promise<Standing[]> {
  return await db.run(orderStatement, [board]);
}

/** The whole order of the index; undefined when it is not ready. */
export async function listIndexed(
  { redis }: Pick<Stores, 'redis'>,
  board: string,
): Promise<Standing[] | undefined> {
  const entries: Standing[] = [];
  for (;;) {
    const page = await findIndexedPage(redis, board, { limit: 100, offset: entries.length });
    if (page === undefined) return undefined;
    entries.push(
      ...page.entries.map(({ userId, totalScore, scoreFirstReachedAt }) => ({
        userId,
        totalScore,
        scoreFirstReachedAt,
      })),
    );
    if (entries.length >= page.totalPlayers) return entries;
  }
}
