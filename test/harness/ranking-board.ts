import { randomBytes, randomUUID } from 'node:crypto';

import {
  addRows,
  beginRebuild,
  findIndexedPage,
  type IndexedScore,
  switchRebuild,
} from '../../src/leaderboards/ranking-index/index.ts';
import type { ScriptRunner } from '../../src/redis/index.ts';

/** The id of a leaderboard that nobody else uses. */
export function newBoardId(): string {
  return `board-${randomBytes(4).toString('hex')}`;
}

/** The n-th player of any test. */
export function player(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** A first score of a player, with parts of it as given. */
export function scoreOf(userId: string, parts: Partial<IndexedScore> = {}): IndexedScore {
  return {
    userId,
    version: 1,
    totalScore: 100,
    scoreFirstReachedAt: '2026-01-31T09:30:00.000001Z',
    ...parts,
  };
}

/** Builds a ready board of `rows` and returns its id. */
export async function buildBoard(redis: ScriptRunner, rows: readonly IndexedScore[] = []): Promise<string> {
  const board = newBoardId();
  const id = randomUUID();
  await beginRebuild(redis, board, id);
  for (let at = 0; at < rows.length; at += 64) {
    await addRows(redis, board, { id, rows: rows.slice(at, at + 64) });
  }
  if (!(await switchRebuild(redis, board, id))) throw new Error(`the rebuild of ${board} was superseded`);
  return board;
}

/** The best hundred as `[user, score]`; undefined when the board is not ready. */
export async function listBoard(redis: ScriptRunner, board: string): Promise<[string, number][] | undefined> {
  const page = await findIndexedPage(redis, board, { limit: 100, offset: 0 });
  return page?.entries.map(({ userId, totalScore }) => [userId, totalScore]);
}
