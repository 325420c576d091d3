import { describe, expect, test } from 'vitest';

import {
  changeScore,
  deletePlayer,
  insertBoard,
  insertScoredPlayers,
  openTestStores,
} from '../../../test/harness/stored-board.ts';
import { player, scoreOf } from '../../../test/harness/ranking-board.ts';
import { applyScores, type IndexedScore, removePlayers } from '../ranking-index/index.ts';
import { boardKeys } from '../ranking-index/keys.ts';
import { toCompactId, toMember } from '../ranking-index/member.ts';
import { compare } from './compare.ts';
import { rebuild } from './rebuild.ts';
import { findScoresOf } from './repository.ts';

const stores = await openTestStores();
const { db, redis } = stores;

/** Built, with as many players; the best has the highest score. */
async function builtBoard(players: number): Promise<{ board: string; userIds: string[] }> {
  const board = await insertBoard(db);
  const totals = Array.from({ length: players }, (_, n) => 10 * (players - n));
  const userIds = await insertScoredPlayers(db, board, totals);
  await rebuild(stores, board);
  return { board, userIds };
}

async function stored(board: string, userId: string) {
  const [score] = await findScoresOf(db, board, [userId]);
  if (score === undefined) throw new Error(`${userId} has no score`);
  return score;
}

/** Writes over what the index holds of a player, whichever version that has. */
async function overwrite(board: string, from: IndexedScore, to: IndexedScore): Promise<void> {
  const { board: key, members } = boardKeys(board);
  await redis.commands.zrem(key, toMember(from));
  await redis.commands.zadd(key, { score: to.totalScore, member: toMember(to) });
  await redis.commands.hset(members, {
    [toCompactId(to.userId)]: toMember(to).slice(0, 9) + String(to.version),
  });
}

describe('a comparison', { concurrent: true }, () => {
  test('finds nothing on boards that are the same, of any size', async () => {
    for (const players of [0, 1, 150]) {
      const { board } = await builtBoard(players);
      expect(await compare(stores, board)).toEqual({ compared: Math.min(players, 100), drifted: 0 });
    }
  });

  test('is undefined when the board is not ready', async () => {
    expect(await compare(stores, await insertBoard(db))).toBeUndefined();
    const { board } = await builtBoard(3);
    await redis.commands.del(boardKeys(board).ready);
    expect(await compare(stores, board)).toBeUndefined();
  });

  test('finds a player whom the index misses, and counts the number of players no second time', async () => {
    const { board } = await builtBoard(10);
    await insertScoredPlayers(db, board, [1000]);
    expect(await compare(stores, board)).toEqual({ compared: 11, drifted: 1 });
  });

  test('finds a player whom only the index has', async () => {
    const { board } = await builtBoard(10);
    await applyScores(redis, board, [scoreOf(player(1))]);
    expect(await compare(stores, board)).toEqual({ compared: 11, drifted: 1 });
  });

  test('finds a version that is behind', async () => {
    const { board, userIds } = await builtBoard(10);
    await changeScore(db, board, userIds[4] ?? '', 1);
    await changeScore(db, board, userIds[5] ?? '', 0);
    expect(await compare(stores, board)).toMatchObject({ drifted: 2 });
  });

  test('finds a version that is ahead, as when a row was made anew by hand', async () => {
    const { board, userIds } = await builtBoard(10);
    const [userId = ''] = userIds;
    for (let n = 0; n < 3; n += 1) await applyScores(redis, board, [await changeScore(db, board, userId, 5)]);
    const anew = 'UPDATE scores SET version = 1, total_score = 7 WHERE leaderboard_id = $1 AND user_id = $2';
    await db.run({ name: 'test_make_anew', text: anew }, [board, userId]);
    expect(await compare(stores, board)).toMatchObject({ drifted: 1 });
  });

  test.each([
    ['another score', { totalScore: 100_000 }],
    ['another time', { scoreFirstReachedAt: '2026-01-31T09:30:00.000001Z' }],
  ])('finds the same version with %s', async (_, parts) => {
    const { board, userIds } = await builtBoard(10);
    const score = await stored(board, userIds[3] ?? '');
    await overwrite(board, score, { ...score, ...parts });
    expect(await compare(stores, board)).toMatchObject({ drifted: 1 });
  });

  test('finds players beyond the best hundred by their number, whichever store misses them', async () => {
    const { board, userIds } = await builtBoard(150);
    await removePlayers(redis, board, userIds.slice(140, 145));
    expect(await compare(stores, board)).toEqual({ compared: 100, drifted: 5 });
    const { board: other } = await builtBoard(150);
    await applyScores(redis, other, [scoreOf(player(1), { totalScore: 1 })]);
    expect(await compare(stores, other)).toEqual({ compared: 100, drifted: 1 });
  });

  test('has nothing to say about players who come and go while it looks', async () => {
    const { board, userIds } = await builtBoard(150);
    const comparing = compare(stores, board);
    const over = new AbortController();
    void comparing.finally(() => over.abort());
    let gone: string[] = [];
    // The index learns of each who comes at once, and of each who goes when the next one does: it is one ahead.
    while (!over.signal.aborted) {
      const [comer = ''] = await insertScoredPlayers(db, board, [1]);
      userIds.push(comer);
      await applyScores(redis, board, [await stored(board, comer)]);
      const [goer = ''] = userIds.splice(120, 1);
      await deletePlayer(db, goer);
      await removePlayers(redis, board, gone);
      gone = [goer];
    }
    expect(await comparing).toMatchObject({ drifted: 0 });
  });

  test('finds a deletion that the index was not told of', async () => {
    const { board, userIds } = await builtBoard(10);
    await deletePlayer(db, userIds[0] ?? '');
    expect(await compare(stores, board)).toMatchObject({ drifted: 1 });
  });
});
