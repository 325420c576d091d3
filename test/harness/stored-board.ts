import { randomUUID } from 'node:crypto';

import { v7 as uuidv7 } from 'uuid';

import type { Database, Statement } from '../../src/db/index.ts';
import {
  findIndexedPage,
  findIndexedTop,
  type IndexedScore,
} from '../../src/leaderboards/ranking-index/index.ts';
import type { Stores } from '../../src/leaderboards/sync/replay.ts';
import type { RedisClient } from '../../src/redis/index.ts';
import { removeScores } from '../../src/scores/removal-repository.ts';
import { deleteUser, lockUser } from '../../src/users/index.ts';
import { openTestStore } from './database.ts';
import { insertPlayers } from './players.ts';
import { createTestRedis } from './redis.ts';
import { connectBy, patient } from './redis-clients.ts';
import { until } from './until.ts';

export interface TestStores extends Stores {
  readonly db: Database;
  readonly client: RedisClient;
  readonly redisUrl: string;
}

/** PostgreSQL and Redis of the file's own, for tests that write to each past the service. */
export async function openTestStores(): Promise<TestStores> {
  const db = await openTestStore('postgres');
  const redisUrl = await createTestRedis();
  const client = await connectBy('resp', redisUrl);
  await until('Redis is used', () => client.health.usable);
  return { db, client, redis: patient(client), redisUrl };
}

/** A leaderboard that no other test uses, made by SQL; returns its id. */
export async function insertBoard(db: Database): Promise<string> {
  const id = `board-${randomUUID()}`;
  await db.run({ name: 'test_insert_board', text: 'INSERT INTO leaderboards (id, title) VALUES ($1, $1)' }, [
    id,
  ]);
  return id;
}

const insertScored: Statement = {
  name: 'test_insert_scored_players',
  text: `
    WITH input AS (
      SELECT * FROM unnest($2::uuid[], $3::bigint[]) WITH ORDINALITY AS t (user_id, total, n)
    ), players AS (
      INSERT INTO users (id, username) SELECT user_id, 'p-' || user_id FROM input
    )
    INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
    SELECT $1, user_id, total, clock_timestamp() + n * interval '1 microsecond', 1, clock_timestamp() FROM input`,
};

/** New players with these scores, of which no index is told; returns their ids. */
export async function insertScoredPlayers(
  db: Database,
  board: string,
  totals: readonly number[],
): Promise<string[]> {
  const userIds = totals.map(() => uuidv7());
  await db.run(insertScored, [board, userIds, totals]);
  return userIds;
}

/** Few scores and times, so that ties of every depth occur. */
const insertTies: Statement = {
  name: 'test_insert_ties',
  text: `
    INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
    SELECT $1, id, n % 7, timestamptz '2026-01-01' + (n % 5) * interval '1 microsecond', 1, clock_timestamp()
    FROM unnest($2::uuid[]) WITH ORDINALITY AS players (id, n)`,
};

/** Makes a leaderboard with so many new players, most of whom share a score, of which no index is told. */
export async function fillBoard(db: Database, count: number): Promise<{ board: string; userIds: string[] }> {
  const board = await insertBoard(db);
  const userIds = (await insertPlayers(db, count)).map(({ userId }) => userId);
  await db.run(insertTies, [board, userIds]);
  return { board, userIds };
}

const change: Statement = {
  name: 'test_change_score',
  text: `
    UPDATE scores SET total_score = greatest(total_score + $3, 0), version = version + 1,
      score_first_reached_at = clock_timestamp(), updated_at = clock_timestamp() - $4::interval
    WHERE leaderboard_id = $1 AND user_id = $2
    RETURNING user_id AS "userId", total_score AS "totalScore",
      score_first_reached_at AS "scoreFirstReachedAt", version`,
};

/** Changes a score, of which no index is told; returns it. `ago` is how long before now it says it was changed. */
export async function changeScore(
  db: Database,
  board: string,
  userId: string,
  delta: number,
  ago = '0 s',
): Promise<IndexedScore> {
  const [row] = await db.run<IndexedScore>(change, [board, userId, delta, ago]);
  if (row === undefined) throw new Error(`${userId} has no score on ${board}`);
  return row;
}

/** Deletes an account as the service does, but tells no index. */
export async function deletePlayer(db: Database, userId: string): Promise<void> {
  await db.transaction(async (queries) => {
    await lockUser(queries, userId);
    await removeScores(queries, userId);
    await deleteUser(queries, userId);
  });
}

const EVERYBODY = 1_000_000;

const orderStatement: Statement = {
  name: 'test_board_order',
  text: `
    SELECT user_id AS "userId", total_score AS "totalScore", score_first_reached_at AS "scoreFirstReachedAt", version
    FROM scores WHERE leaderboard_id = $1
    ORDER BY total_score DESC, score_first_reached_at, user_id DESC`,
};

/** The whole board with versions, as PostgreSQL has it, by an order of the tests' own. */
export async function readStored(db: Database, board: string) {
  const scores = await db.run<IndexedScore>(orderStatement, [board]);
  return { totalPlayers: scores.length, scores };
}

/** The whole board with versions, as the index has it; undefined when it is not ready. */
export async function readIndexed({ redis }: Pick<Stores, 'redis'>, board: string) {
  return await findIndexedTop(redis, board, EVERYBODY);
}

/** The whole board as readers see it, page after page. */
export async function listPages({ redis }: Pick<Stores, 'redis'>, board: string): Promise<string[]> {
  const userIds: string[] = [];
  for (;;) {
    const page = await findIndexedPage(redis, board, { limit: 100, offset: userIds.length });
    if (page === undefined) throw new Error(`${board} is not ready`);
    userIds.push(...page.entries.map(({ userId }) => userId));
    if (page.entries.length === 0) return userIds;
  }
}
