import { describe, expect, test } from 'vitest';

import { startPrivateRedis } from '../../../test/harness/private-redis.ts';
import { buildBoard, listBoard, newBoardId, player, scoreOf } from '../../../test/harness/ranking-board.ts';
import { applyScores } from './apply-scores.ts';
import { findIndexedPage } from './find-page.ts';
import { boardKeys } from './keys.ts';
import { beginRebuild, switchRebuild } from './rebuild.ts';
import { removePlayers } from './remove-players.ts';

const redis = await startPrivateRedis();
const [alice, bob, carol] = [player(1), player(2), player(3)] as const;
const MAX_TOTAL_SCORE = 2 ** 53 - 1;

/** Of the set and of the hash, without its empty field. */
async function memberCounts(board: string): Promise<unknown[]> {
  const { board: live, members } = boardKeys(board);
  return [await redis.command('ZCARD', live), Number(await redis.command('HLEN', members)) - 1];
}

describe('applying scores', () => {
  test('answers the players and the rank of each, in the order given', async () => {
    const board = await buildBoard(redis);
    const scores = [scoreOf(alice, { totalScore: 9 }), scoreOf(bob, { totalScore: 10 })];
    expect(await applyScores(redis, board, scores)).toEqual({ totalPlayers: 2, ranks: [2, 1] });
  });

  test('answers the players when there is nothing to apply', async () => {
    const board = await buildBoard(redis, [scoreOf(alice)]);
    expect(await applyScores(redis, board, [])).toEqual({ totalPlayers: 1, ranks: [] });
  });

  test('replaces the one member of a player', async () => {
    const board = await buildBoard(redis, [scoreOf(alice)]);
    const later = { version: 2, totalScore: 101, scoreFirstReachedAt: '2026-02-01T00:00:00.000000Z' };
    await applyScores(redis, board, [scoreOf(alice, later)]);
    expect(await listBoard(redis, board)).toEqual([[alice, 101]]);
    expect(await memberCounts(board)).toEqual([1, 1]);
  });

  test('changes the score of a member that stays the same', async () => {
    const board = await buildBoard(redis, [scoreOf(alice)]);
    await applyScores(redis, board, [scoreOf(alice, { version: 2, totalScore: 40 })]);
    expect(await listBoard(redis, board)).toEqual([[alice, 40]]);
    expect(await memberCounts(board)).toEqual([1, 1]);
  });

  test.each([
    ['an older version', 9],
    ['the same version', 10],
  ])('changes nothing by %s, and still answers the rank', async (_, version) => {
    const board = await buildBoard(redis, [scoreOf(alice, { version: 10 }), scoreOf(bob, { totalScore: 1 })]);
    const stale = { version, totalScore: 0, scoreFirstReachedAt: '2030-01-01T00:00:00.000000Z' };
    const applied = await applyScores(redis, board, [scoreOf(alice, stale)]);
    expect(applied).toEqual({ totalPlayers: 2, ranks: [1] });
    expect(await listBoard(redis, board)).toEqual([
      [alice, 100],
      [bob, 1],
    ]);
    expect(await memberCounts(board)).toEqual([2, 2]);
  });

  test('compares versions as numbers up to 2^53 - 1', async () => {
    const board = await buildBoard(redis, [scoreOf(alice, { version: 9 })]);
    for (const version of [10, MAX_TOTAL_SCORE - 1, MAX_TOTAL_SCORE, MAX_TOTAL_SCORE - 2]) {
      await applyScores(redis, board, [scoreOf(alice, { version, totalScore: version })]);
    }
    expect(await listBoard(redis, board)).toEqual([[alice, MAX_TOTAL_SCORE]]);
  });

  test('applies the newest of one player in one call, wherever it stands', async () => {
    const board = await buildBoard(redis);
    const versions = [2, 3, 1].map((version) => scoreOf(alice, { version, totalScore: version }));
    expect(await applyScores(redis, board, versions)).toEqual({ totalPlayers: 1, ranks: [1, 1, 1] });
    expect(await listBoard(redis, board)).toEqual([[alice, 3]]);
    expect(await memberCounts(board)).toEqual([1, 1]);
  });

  test('takes 64 in one call, and refuses 65', async () => {
    const board = await buildBoard(redis);
    const scores = Array.from({ length: 65 }, (_, n) => scoreOf(player(n), { totalScore: n }));
    await expect(applyScores(redis, board, scores)).rejects.toThrow(RangeError);
    expect(await applyScores(redis, board, scores.slice(1))).toEqual({
      totalPlayers: 64,
      ranks: Array.from({ length: 64 }, (_, index) => 64 - index),
    });
  });

  test('ignores a deleted player, and applies what comes with it', async () => {
    const board = await buildBoard(redis, [scoreOf(alice)]);
    await removePlayers(redis, board, [alice]);
    const scores = [scoreOf(alice, { version: 2 }), scoreOf(bob)];
    expect(await applyScores(redis, board, scores)).toEqual({ totalPlayers: 1, ranks: [null, 1] });
    expect(await listBoard(redis, board)).toEqual([[bob, 100]]);
  });

  test('ignores a call of deleted players only', async () => {
    const board = await buildBoard(redis);
    await removePlayers(redis, board, [alice]);
    expect(await applyScores(redis, board, [scoreOf(alice)])).toEqual({ totalPlayers: 0, ranks: [null] });
  });

  test('writes nothing anywhere when the board is neither ready nor being built', async () => {
    const board = newBoardId();
    expect(await applyScores(redis, board, [scoreOf(alice)])).toBeUndefined();
    expect(await redis.command('KEYS', `*${board}*`)).toEqual([]);
  });

  test('writes to the next board while it is built, and answers no ranks before it is ready', async () => {
    const board = newBoardId();
    await beginRebuild(redis, board, 'one');
    expect(await applyScores(redis, board, [scoreOf(alice)])).toBeUndefined();
    expect(await listBoard(redis, board)).toBeUndefined();
    await switchRebuild(redis, board, 'one');
    expect(await listBoard(redis, board)).toEqual([[alice, 100]]);
  });

  test('writes to both boards while the next one is built', async () => {
    const board = await buildBoard(redis, [scoreOf(bob)]);
    await beginRebuild(redis, board, 'one');
    const applied = await applyScores(redis, board, [scoreOf(alice, { totalScore: 200 })]);
    expect(applied).toEqual({ totalPlayers: 2, ranks: [1] });
    await switchRebuild(redis, board, 'one');
    expect(await listBoard(redis, board)).toEqual([[alice, 200]]);
  });
});

describe('a board that is not whole', () => {
  test.each([[['board']], [['members']], [['ready']], [['board', 'members']]] as const)(
    'is not ready without its keys %s',
    async (names) => {
      const board = await buildBoard(redis, [scoreOf(alice)]);
      for (const name of names) await redis.command('DEL', boardKeys(board)[name]);
      expect(await applyScores(redis, board, [scoreOf(bob)])).toBeUndefined();
      await removePlayers(redis, board, [alice]);
      expect(await listBoard(redis, board)).toBeUndefined();
    },
  );

  test('is not ready in another format, nor is a rebuild of another format written to', async () => {
    const board = await buildBoard(redis, [scoreOf(alice)]);
    const { ready, rebuild, next } = boardKeys(board);
    await redis.command('SET', ready, '0');
    await redis.command('SET', rebuild, '0:one');
    expect(await applyScores(redis, board, [scoreOf(carol)])).toBeUndefined();
    expect(await redis.command('EXISTS', next)).toBe(0);
    expect(await findIndexedPage(redis, board, { limit: 10, offset: 0 })).toBeUndefined();
  });
});

describe('a Redis that is out of memory', () => {
  test('refuses a score and keeps the board as it was', async () => {
    const board = await buildBoard(redis, [scoreOf(alice)]);
    await redis.command('CONFIG', 'SET', 'maxmemory', '1mb');
    const later = { version: 2, scoreFirstReachedAt: '2026-02-01T00:00:00.000000Z' };
    await expect(applyScores(redis, board, [scoreOf(alice, later)])).rejects.toThrow('OOM');
    await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    expect(await listBoard(redis, board)).toEqual([[alice, 100]]);
    expect(await memberCounts(board)).toEqual([1, 1]);
  });
});
