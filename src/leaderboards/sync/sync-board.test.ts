import { describe, expect, test } from 'vitest';

import { collectLog } from '../../../test/harness/redis-clients.ts';
import {
  changeScore,
  insertBoard,
  insertScoredPlayers,
  openTestStores,
  readIndexed,
  readStored,
} from '../../../test/harness/stored-board.ts';
import { applyScores, removePlayers } from '../ranking-index/index.ts';
import { boardKeys } from '../ranking-index/keys.ts';
import { rebuild } from './rebuild.ts';
import type { SyncMode } from './report.ts';
import { syncBoard } from './sync-board.ts';

const stores = await openTestStores();
const { db, redis } = stores;

async function builtBoard(players: number): Promise<{ board: string; userIds: string[] }> {
  const board = await insertBoard(db);
  const totals = Array.from({ length: players }, (_, n) => 10 * n);
  const userIds = await insertScoredPlayers(db, board, totals);
  await rebuild(stores, board);
  return { board, userIds };
}

async function sync(board: string, mode: SyncMode = 'verify') {
  const { log, lines } = collectLog();
  const compared: number[] = [];
  const onCompared = ({ drifted }: { drifted: number }) => void compared.push(drifted);
  const report = await syncBoard(stores, { leaderboardId: board, mode, log, onCompared });
  expect(compared).toEqual([report.drifted]);
  expect(await readIndexed(stores, board)).toEqual(await readStored(db, board));
  expect(report.durationMs).toBeGreaterThan(0);
  return { report, errors: lines.filter(({ level }) => level === 50) };
}

/** Removes players from the index as no replay would notice. */
async function lose(board: string, userIds: readonly string[]): Promise<void> {
  await removePlayers(redis, board, userIds);
  await redis.commands.del(boardKeys(board).tombstones);
}

/** So long ago that no replay looks there. */
async function age(board: string): Promise<void> {
  const text = "UPDATE scores SET updated_at = updated_at - interval '1 hour' WHERE leaderboard_id = $1";
  await db.run({ name: 'test_age_an_hour', text }, [board]);
}

describe('a sync', { concurrent: true }, () => {
  test('that verifies a board without drift leaves it as it is', async () => {
    const { board } = await builtBoard(20);
    const { report, errors } = await sync(board);
    expect(report).toMatchObject({
      leaderboardId: board,
      mode: 'verify',
      compared: 20,
      drifted: 0,
      repaired: 0,
      rebuilt: false,
    });
    expect(Math.abs(Date.parse(report.checkedAt) - Date.now())).toBeLessThan(60_000);
    expect(errors).toEqual([]);
  });

  test('replays what was missed before it compares, and calls that no drift', async () => {
    const { board, userIds } = await builtBoard(20);
    for (const userId of userIds) await changeScore(db, board, userId, 7);
    const { report } = await sync(board);
    expect(report).toMatchObject({ drifted: 0, rebuilt: false });
  });

  test('that finds drift builds the board anew, says so, and alerts', async () => {
    const { board, userIds } = await builtBoard(20);
    await age(board);
    await lose(board, userIds.slice(0, 3));
    const { report, errors } = await sync(board);
    expect(report).toMatchObject({ compared: 20, drifted: 3, repaired: 3, rebuilt: true });
    expect(errors).toMatchObject([
      { leaderboard_id: board, compared: 20, drifted: 3, msg: 'the ranking index has drifted' },
    ]);
  });

  test('tells of drift although the rebuild fails', async () => {
    const { board, userIds } = await builtBoard(20);
    await age(board);
    await lose(board, userIds.slice(0, 3));
    const closing = new AbortController();
    const compared: number[] = [];
    const failing = syncBoard(
      { ...stores, signal: closing.signal },
      {
        leaderboardId: board,
        mode: 'verify',
        log: collectLog().log,
        onCompared: ({ drifted }) => {
          compared.push(drifted);
          closing.abort(new Error('no rebuild'));
        },
      },
    );
    await expect(failing).rejects.toThrow('no rebuild');
    expect(compared).toEqual([3]);
    expect((await sync(board)).report).toMatchObject({ drifted: 3, repaired: 3 });
  });

  test('repairs one entry without an alert', async () => {
    const { board, userIds } = await builtBoard(20);
    await age(board);
    await lose(board, userIds.slice(0, 1));
    const { report, errors } = await sync(board);
    expect(report).toMatchObject({ drifted: 1, repaired: 1, rebuilt: true });
    expect(errors).toEqual([]);
  });

  test('repairs players beyond the best hundred, by their number', async () => {
    const { board, userIds } = await builtBoard(300);
    await age(board);
    await lose(board, userIds.slice(0, 20));
    const { report } = await sync(board);
    expect(report).toMatchObject({ compared: 100, drifted: 20, repaired: 20, rebuilt: true });
  });

  test('repairs a row that was made anew by hand, whose version went back', async () => {
    const { board, userIds } = await builtBoard(20);
    const [userId = ''] = userIds;
    for (let n = 0; n < 3; n += 1) await applyScores(redis, board, [await changeScore(db, board, userId, 1)]);
    const text = 'UPDATE scores SET version = 1, total_score = 5 WHERE user_id = $1';
    await db.run({ name: 'test_go_back', text }, [userId]);
    const { report } = await sync(board);
    expect(report).toMatchObject({ drifted: 1, repaired: 1, rebuilt: true });
  });

  test('that verifies a board that is not ready builds it', async () => {
    const board = await insertBoard(db);
    await insertScoredPlayers(db, board, [1, 2, 3]);
    const { report, errors } = await sync(board);
    expect(report).toMatchObject({ compared: 3, drifted: 0, repaired: 0, rebuilt: true });
    expect(errors).toEqual([]);
  });

  test('that verifies a board without a watermark builds it', async () => {
    const { board } = await builtBoard(3);
    await redis.commands.del(boardKeys(board).watermark);
    expect((await sync(board)).report).toMatchObject({ drifted: 0, rebuilt: true });
    expect(await redis.commands.exists(boardKeys(board).watermark)).toBe(1);
  });

  test('that was told to builds the board anew, whether it drifted or not', async () => {
    const { board } = await builtBoard(20);
    const { report } = await sync(board, 'rebuild');
    expect(report).toMatchObject({ mode: 'rebuild', compared: 20, drifted: 0, repaired: 0, rebuilt: true });
  });
});
