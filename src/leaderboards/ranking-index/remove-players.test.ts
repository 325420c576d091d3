import { describe, expect, test } from 'vitest';

import { startPrivateRedis } from '../../../test/harness/private-redis.ts';
import { buildBoard, listBoard, newBoardId, player, scoreOf } from '../../../test/harness/ranking-board.ts';
import { applyScores } from './apply-scores.ts';
import { boardKeys } from './keys.ts';
import { toCompactId } from './member.ts';
import { addRows, beginRebuild, switchRebuild } from './rebuild.ts';
import { removePlayers } from './remove-players.ts';

const redis = await startPrivateRedis();
const [alice, bob, carol] = [player(1), player(2), player(3)] as const;

describe('removing players', () => {
  test('takes them off the board and tells how many were there', async () => {
    const board = await buildBoard(redis, [scoreOf(alice), scoreOf(bob)]);
    expect(await removePlayers(redis, board, [alice, carol])).toBe(1);
    expect(await listBoard(redis, board)).toEqual([[bob, 100]]);
    expect(await redis.command('HKEYS', boardKeys(board).members)).toEqual(['', toCompactId(bob)]);
  });

  test('again changes nothing', async () => {
    const board = await buildBoard(redis, [scoreOf(alice)]);
    await removePlayers(redis, board, [alice]);
    expect(await removePlayers(redis, board, [alice])).toBe(0);
    expect(await listBoard(redis, board)).toEqual([]);
  });

  test('of nobody does nothing, and of more than 64 is refused', async () => {
    const board = newBoardId();
    expect(await removePlayers(redis, board, [])).toBe(0);
    await expect(
      removePlayers(
        redis,
        board,
        Array.from({ length: 65 }, (_, n) => player(n)),
      ),
    ).rejects.toThrow(RangeError);
    expect(await redis.command('KEYS', `*${board}*`)).toEqual([]);
  });

  test('keeps out what a rebuild read before, on a board that is not ready', async () => {
    const board = newBoardId();
    await beginRebuild(redis, board, 'one');
    await addRows(redis, board, { id: 'one', rows: [scoreOf(alice)] });
    await removePlayers(redis, board, [alice, bob]);
    await addRows(redis, board, { id: 'one', rows: [scoreOf(bob), scoreOf(carol)] });
    await switchRebuild(redis, board, 'one');
    expect(await listBoard(redis, board)).toEqual([[carol, 100]]);
  });
});

describe('a tombstone', () => {
  test('lasts for an hour of the server', async () => {
    const board = await buildBoard(redis);
    const { tombstones } = boardKeys(board);
    const [before] = (await redis.command('TIME')) as string[];
    await removePlayers(redis, board, [alice]);
    const [after] = (await redis.command('TIME')) as string[];
    const expiry = Number(await redis.command('ZSCORE', tombstones, toCompactId(alice)));
    expect(expiry).toBeGreaterThanOrEqual(Number(before) + 3600);
    expect(expiry).toBeLessThanOrEqual(Number(after) + 3600);
    expect(await redis.command('TTL', tombstones)).toBe(-1);
  });

  test('that has expired keeps nobody out, and is purged by the next removal', async () => {
    const board = await buildBoard(redis);
    const { tombstones } = boardKeys(board);
    await redis.command('ZADD', tombstones, 1_700_000_000, toCompactId(alice));
    await applyScores(redis, board, [scoreOf(alice)]);
    expect(await listBoard(redis, board)).toEqual([[alice, 100]]);
    await removePlayers(redis, board, [bob]);
    expect(await redis.command('ZRANGE', tombstones, 0, -1)).toEqual([toCompactId(bob)]);
  });
});
