import { beforeAll, describe, expect, it } from 'vitest';

import {
  changeScore,
  fillBoard,
  readIndexed,
  readStored,
  openTestStores,
  type TestStores,
} from '../../../test/harness/stored-board.ts';
import { findOrigin, findWatermark, removePlayers, saveOrigin } from '../ranking-index/index.ts';
import { boardKeys } from '../ranking-index/keys.ts';
import { rebuild } from './rebuild.ts';
import { replay } from './replay.ts';

describe('a replay', () => {
  let stores: TestStores;
  beforeAll(async () => {
    stores = await openTestStores();
  });

  const builtBoard = async (players: number) => {
    const filled = await fillBoard(stores.db, players);
    await rebuild(stores, filled.board);
    return filled;
  };

  it('can do nothing for a board that was never built', async () => {
    const { board } = await fillBoard(stores.db, 3);
    expect(await replay(stores, board)).toBe(false);
    expect(await readIndexed(stores, board)).toBeUndefined();
  });

  it('brings what changed since the last one, and moves the watermark', async () => {
    const { board, userIds } = await builtBoard(200);
    const before = await findWatermark(stores.redis, board);
    for (const userId of userIds.slice(0, 5)) await changeScore(stores.db, board, userId, 10);
    expect(await replay(stores, board)).toBe(true);
    expect(await readIndexed(stores, board)).toEqual(await readStored(stores.db, board));
    expect((await findWatermark(stores.redis, board)) ?? '').toSatisfy(
      (after: string) => after > (before ?? ''),
    );
  });

  it('brings a change that was stamped before the watermark and committed after it', async () => {
    const { board, userIds } = await builtBoard(3);
    await changeScore(stores.db, board, userIds[0] ?? '', 10, '50 s');
    expect(await replay(stores, board)).toBe(true);
    expect(await readIndexed(stores, board)).toEqual(await readStored(stores.db, board));
  });

  it('takes off who was removed, and keeps late updates of theirs away', async () => {
    const { board, userIds } = await builtBoard(70);
    const text = `WITH gone AS (DELETE FROM scores WHERE leaderboard_id = $1 AND user_id = ANY ($2::uuid[]) RETURNING user_id)
      INSERT INTO removed_scores (leaderboard_id, user_id) SELECT $1, user_id FROM gone`;
    await stores.db.run({ name: 'test_remove', text }, [board, userIds.slice(0, 66)]);
    expect(await replay(stores, board)).toBe(true);
    expect(await readIndexed(stores, board)).toEqual(await readStored(stores.db, board));
  });

  it('lets nobody read a board that has lost its watermark', async () => {
    const { board } = await builtBoard(3);
    await stores.redis.commands.del(boardKeys(board).watermark);
    expect(await replay(stores, board)).toBe(false);
    expect(await readIndexed(stores, board)).toBeUndefined();
  });

  it('lets nobody read a board whose removals may be forgotten', async () => {
    const { board } = await builtBoard(3);
    const old = String((Date.now() - 48 * 3_600_000) * 1000);
    await stores.redis.commands.set(boardKeys(board).watermark, old);
    expect(await replay(stores, board)).toBe(false);
    expect(await readIndexed(stores, board)).toBeUndefined();
  });

  it('lets nobody read a board that another database or timeline filled', async () => {
    const { board } = await builtBoard(3);
    const origin = await findOrigin(stores.redis, board);
    if (origin === undefined) throw new Error('the board has no origin');
    await saveOrigin(stores.redis, board, { ...origin, database: `${origin.database}-other` });
    expect(await replay(stores, board)).toBe(false);
    expect(await readIndexed(stores, board)).toBeUndefined();
    await rebuild(stores, board);
    expect(await replay(stores, board)).toBe(true);
  });

  it('lets nobody read a board that this database filled when its log went further', async () => {
    const { board, userIds } = await builtBoard(3);
    const origin = await findOrigin(stores.redis, board);
    if (origin === undefined) throw new Error('the board has no origin');
    await removePlayers(stores.redis, board, userIds.slice(0, 1));
    const position = String(BigInt(origin.position) + 1_000_000_000n);
    await saveOrigin(stores.redis, board, { ...origin, position });
    expect(await replay(stores, board)).toBe(false);
    expect(await readIndexed(stores, board)).toBeUndefined();
    await rebuild(stores, board);
    expect(await readIndexed(stores, board)).toEqual(await readStored(stores.db, board));
  });

  it('reads a board whose origin nobody noted, and notes it', async () => {
    const { board } = await builtBoard(3);
    await stores.redis.commands.del(boardKeys(board).origin);
    expect(await replay(stores, board)).toBe(true);
    expect(await findOrigin(stores.redis, board)).toBeDefined();
  });

  it('says that the board is not ready when it was lost meanwhile', async () => {
    const { board } = await builtBoard(3);
    await stores.redis.commands.del(`leaderboard:{${board}}`);
    expect(await replay(stores, board)).toBe(false);
  });
});
