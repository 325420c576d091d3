import { beforeAll, describe, expect, it } from 'vitest';

import {
  changeScore,
  fillBoard,
  listPages,
  readIndexed,
  readStored,
  openTestStores,
  type TestStores,
} from '../../../test/harness/stored-board.ts';
import { applyScores, beginRebuild, findOrigin, removePlayers, saveOrigin } from '../ranking-index/index.ts';
import { rebuild, RebuildSuperseded } from './rebuild.ts';
import type { Stores } from './replay.ts';

describe('a rebuild', () => {
  let stores: TestStores;
  beforeAll(async () => {
    stores = await openTestStores();
  });

  /** The same Redis, where something happens before the first call of a script. */
  const during = (script: string, happen: () => Promise<void>): Stores['redis'] => {
    let happened: Promise<void> | undefined;
    return {
      commands: stores.redis.commands,
      run: async (asked, keys, args) => {
        if (asked.name === script) await (happened ??= happen());
        return await stores.redis.run(asked, keys, args);
      },
    };
  };

  const removeScores = async (board: string, userIds: readonly string[]) => {
    const text = `WITH gone AS (DELETE FROM scores WHERE leaderboard_id = $1 AND user_id = ANY ($2::uuid[]) RETURNING user_id)
      INSERT INTO removed_scores (leaderboard_id, user_id) SELECT $1, user_id FROM gone`;
    await stores.db.run({ name: 'test_remove', text }, [board, userIds]);
  };

  it('shows the order of PostgreSQL, page after page', async () => {
    const { board } = await fillBoard(stores.db, 12_000);
    await rebuild(stores, board);
    const stored = await readStored(stores.db, board);
    expect(await readIndexed(stores, board)).toEqual(stored);
    expect(await listPages(stores, board)).toEqual(stored.scores.map(({ userId }) => userId));
  }, 120_000);

  it('shows an empty board', async () => {
    const { board } = await fillBoard(stores.db, 0);
    await rebuild(stores, board);
    expect(await readIndexed(stores, board)).toEqual({ totalPlayers: 0, scores: [] });
  });

  it('brings back whom only a state that PostgreSQL has lost had deleted', async () => {
    const { board, userIds } = await fillBoard(stores.db, 3);
    await rebuild(stores, board);
    await removePlayers(stores.redis, board, userIds.slice(0, 1));
    const { database = '', position = '0' } = (await findOrigin(stores.redis, board)) ?? {};
    await saveOrigin(stores.redis, board, { database, position: String(BigInt(position) + 1_000_000_000n) });
    await rebuild(stores, board);
    expect(await readIndexed(stores, board)).toEqual(await readStored(stores.db, board));
  });

  it('holds what was written and deleted while it went on, told or not', async () => {
    const { board, userIds } = await fillBoard(stores.db, 6000);
    const some = (first: number, count: number) => userIds.slice(first, first + count);
    const meanwhile = async () => {
      for (const userId of some(0, 40)) await changeScore(stores.db, board, userId, 10);
      for (const userId of some(40, 40)) {
        await applyScores(stores.redis, board, [await changeScore(stores.db, board, userId, 10)]);
      }
      await removeScores(board, some(80, 70));
      await removeScores(board, some(150, 40));
      await removePlayers(stores.redis, board, some(150, 40));
    };
    await rebuild({ db: stores.db, redis: during('add-rows', meanwhile) }, board);
    expect(await readIndexed(stores, board)).toEqual(await readStored(stores.db, board));
  }, 120_000);

  it('goes on under updates that are told as they come', async () => {
    const { board, userIds } = await fillBoard(stores.db, 6000);
    const over = new AbortController();
    const play = async () => {
      for (let n = 0; !over.signal.aborted; n += 1) {
        const userId = userIds[(n * 7919) % userIds.length] ?? '';
        await applyScores(stores.redis, board, [await changeScore(stores.db, board, userId, 10)]);
      }
    };
    const playing = play();
    for (let round = 0; round < 3; round += 1) await rebuild(stores, board);
    over.abort();
    await playing;
    expect(await readIndexed(stores, board)).toEqual(await readStored(stores.db, board));
  }, 120_000);

  it('shows nothing of what was built before Redis was emptied', async () => {
    const { board } = await fillBoard(stores.db, 200);
    const flush = async () => void (await stores.redis.commands.flushdb());
    const building = rebuild({ db: stores.db, redis: during('add-rows', flush) }, board);
    await expect(building).rejects.toThrow(RebuildSuperseded);
    expect(await readIndexed(stores, board)).toBeUndefined();
  });

  it('is given up when another begins, and leaves the board as it is', async () => {
    const { board } = await fillBoard(stores.db, 12_000);
    const begin = async () => await beginRebuild(stores.redis, board, 'the other');
    const first = rebuild({ db: stores.db, redis: during('add-rows', begin) }, board);
    await expect(first).rejects.toThrow(RebuildSuperseded);
    expect(await readIndexed(stores, board)).toBeUndefined();
  }, 120_000);
});
