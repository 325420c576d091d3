import { describe, expect, test } from 'vitest';

import { startPrivateRedis } from '../../../test/harness/private-redis.ts';
import { buildBoard, listBoard, newBoardId, player, scoreOf } from '../../../test/harness/ranking-board.ts';
import { applyScores } from './apply-scores.ts';
import { boardKeys } from './keys.ts';
import { abandonRebuild, addRows, beginRebuild, switchRebuild } from './rebuild.ts';
import { removePlayers } from './remove-players.ts';

const redis = await startPrivateRedis();
const [alice, bob, carol] = [player(1), player(2), player(3)] as const;
const newer = { version: 2, totalScore: 200, scoreFirstReachedAt: '2026-02-01T00:00:00.000000Z' };

/** The names of the keys that a board has, without the board's own. */
async function keysOf(board: string): Promise<string[]> {
  const keys = (await redis.command('KEYS', `leaderboard:{${board}}*`)) as string[];
  return keys.map((key) => key.slice(`leaderboard:{${board}}`.length)).sort();
}

async function begun(rows = [scoreOf(bob)]): Promise<string> {
  const board = await buildBoard(redis, rows);
  await beginRebuild(redis, board, 'one');
  return board;
}

describe('a rebuild', () => {
  test('replaces the board by its rows and leaves nothing else', async () => {
    const board = await begun([scoreOf(bob), scoreOf(carol)]);
    expect(await addRows(redis, board, { id: 'one', rows: [scoreOf(alice)] })).toBe(true);
    expect(await listBoard(redis, board)).toHaveLength(2);
    expect(await switchRebuild(redis, board, 'one')).toBe(true);
    expect(await listBoard(redis, board)).toEqual([[alice, 100]]);
    expect(await keysOf(board)).toEqual(['', ':members', ':ready']);
  });

  test('of no rows makes an empty board that is ready, and takes scores', async () => {
    const board = newBoardId();
    await beginRebuild(redis, board, 'one');
    expect(await addRows(redis, board, { id: 'one', rows: [] })).toBe(true);
    expect(await switchRebuild(redis, board, 'one')).toBe(true);
    expect(await keysOf(board)).toEqual([':members', ':ready']);
    expect(await listBoard(redis, board)).toEqual([]);
    expect(await applyScores(redis, board, [scoreOf(alice)])).toEqual({ totalPlayers: 1, ranks: [1] });
  });

  test('of no rows empties a board', async () => {
    const board = await begun();
    await switchRebuild(redis, board, 'one');
    expect(await listBoard(redis, board)).toEqual([]);
  });

  test.each([
    ['before its page', ['update', 'page']],
    ['after its page', ['page', 'update']],
  ])('keeps an update that comes %s', async (_, steps) => {
    const board = await begun();
    for (const step of steps) {
      if (step === 'update') await applyScores(redis, board, [scoreOf(alice, newer)]);
      else await addRows(redis, board, { id: 'one', rows: [scoreOf(alice), scoreOf(bob)] });
    }
    await switchRebuild(redis, board, 'one');
    expect(await listBoard(redis, board)).toEqual([
      [alice, 200],
      [bob, 100],
    ]);
    expect(await redis.command('HLEN', boardKeys(board).members)).toBe(3);
  });

  test.each([
    ['before its page', ['removal', 'page']],
    ['after its page', ['page', 'removal']],
  ])('keeps out a player who is deleted %s', async (_, steps) => {
    const board = await begun();
    for (const step of steps) {
      if (step === 'removal') await removePlayers(redis, board, [alice]);
      else await addRows(redis, board, { id: 'one', rows: [scoreOf(alice), scoreOf(carol)] });
    }
    await applyScores(redis, board, [scoreOf(alice, newer)]);
    await switchRebuild(redis, board, 'one');
    expect(await listBoard(redis, board)).toEqual([[carol, 100]]);
  });

  test('takes 64 rows in one call, and refuses 65', async () => {
    const board = await begun();
    const rows = Array.from({ length: 65 }, (_, n) => scoreOf(player(n)));
    await expect(addRows(redis, board, { id: 'one', rows })).rejects.toThrow(RangeError);
    expect(await addRows(redis, board, { id: 'one', rows: rows.slice(1) })).toBe(true);
  });

  test('stands for 60 s from its last rows', async () => {
    const board = await begun();
    const { rebuild } = boardKeys(board);
    expect(await redis.command('TTL', rebuild)).toBeGreaterThan(55);
    await redis.command('EXPIRE', rebuild, 5);
    await addRows(redis, board, { id: 'one', rows: [] });
    expect(await redis.command('TTL', rebuild)).toBeGreaterThan(55);
  });
});

describe('a superseded rebuild', () => {
  test.each([
    ['another that began', async (board: string) => await beginRebuild(redis, board, 'two')],
    ['its expiry', async (board: string) => await redis.command('DEL', boardKeys(board).rebuild)],
    ['its end', async (board: string) => await switchRebuild(redis, board, 'one')],
    ['its being abandoned', async (board: string) => await abandonRebuild(redis, board, 'one')],
  ])('can do nothing more after %s', async (_, supersede) => {
    const board = await begun();
    await addRows(redis, board, { id: 'one', rows: [scoreOf(bob)] });
    await supersede(board);
    const keys = await keysOf(board);
    expect(await addRows(redis, board, { id: 'one', rows: [scoreOf(alice)] })).toBe(false);
    expect(await switchRebuild(redis, board, 'one')).toBe(false);
    expect(await abandonRebuild(redis, board, 'one')).toBe(false);
    expect(await keysOf(board)).toEqual(keys);
    expect(await listBoard(redis, board)).toEqual([[bob, 100]]);
  });

  test('leaves nothing to the one that began after it', async () => {
    const board = await begun();
    await addRows(redis, board, { id: 'one', rows: [scoreOf(alice)] });
    await beginRebuild(redis, board, 'two');
    await addRows(redis, board, { id: 'two', rows: [scoreOf(carol)] });
    expect(await switchRebuild(redis, board, 'two')).toBe(true);
    expect(await listBoard(redis, board)).toEqual([[carol, 100]]);
  });

  test('never makes an emptied Redis ready', async () => {
    const board = await begun();
    await addRows(redis, board, { id: 'one', rows: [scoreOf(alice)] });
    await redis.command('FLUSHALL');
    expect(await addRows(redis, board, { id: 'one', rows: [scoreOf(carol)] })).toBe(false);
    expect(await applyScores(redis, board, [scoreOf(bob)])).toBeUndefined();
    expect(await switchRebuild(redis, board, 'one')).toBe(false);
    expect(await listBoard(redis, board)).toBeUndefined();
    expect(await keysOf(board)).toEqual([]);
  });
});

describe('an abandoned rebuild', () => {
  test('leaves the board as it was, and nothing else', async () => {
    const board = await begun();
    await addRows(redis, board, { id: 'one', rows: [scoreOf(alice)] });
    expect(await abandonRebuild(redis, board, 'one')).toBe(true);
    expect(await keysOf(board)).toEqual(['', ':members', ':ready']);
    expect(await listBoard(redis, board)).toEqual([[bob, 100]]);
  });
});

describe('a Redis that is out of memory', () => {
  async function withoutMemory(work: () => Promise<void>): Promise<void> {
    await redis.command('CONFIG', 'SET', 'maxmemory', '1mb');
    try {
      await work();
    } finally {
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    }
  }

  test('refuses rows, and no rebuild finishes with a part of them', async () => {
    const board = await begun();
    await addRows(redis, board, { id: 'one', rows: [scoreOf(alice)] });
    await withoutMemory(async () => {
      await beginRebuild(redis, board, 'two');
      await expect(addRows(redis, board, { id: 'two', rows: [scoreOf(carol)] })).rejects.toThrow('OOM');
    });
    expect(await switchRebuild(redis, board, 'one')).toBe(false);
    expect(await listBoard(redis, board)).toEqual([[bob, 100]]);
  });

  test('lets a rebuild that has all its rows switch', async () => {
    const board = await begun();
    await addRows(redis, board, { id: 'one', rows: [scoreOf(alice)] });
    await withoutMemory(async () => {
      expect(await switchRebuild(redis, board, 'one')).toBe(true);
    });
    expect(await listBoard(redis, board)).toEqual([[alice, 100]]);
  });

  test('lets players be removed, with their tombstones', async () => {
    const board = await begun([scoreOf(alice), scoreOf(bob)]);
    await withoutMemory(async () => {
      expect(await removePlayers(redis, board, [alice])).toBe(1);
    });
    await applyScores(redis, board, [scoreOf(alice, newer)]);
    expect(await listBoard(redis, board)).toEqual([[bob, 100]]);
  });
});

test('every key of a board is in one slot of a cluster', async () => {
  const keys: string[] = Object.values(boardKeys('global'));
  const slots = keys.map((key) => /\{(.*?)\}/.exec(key)?.[1]);
  expect(new Set(slots)).toEqual(new Set(['global']));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.length).toBeGreaterThan(0);
});
