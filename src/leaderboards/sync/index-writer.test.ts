import { beforeAll, describe, expect, it } from 'vitest';

import {
  fillBoard,
  openTestStores,
  readIndexed,
  type TestStores,
} from '../../../test/harness/stored-board.ts';
import { newBoardId, player, scoreOf } from '../../../test/harness/ranking-board.ts';
import { until } from '../../../test/harness/until.ts';
import { RedisUnavailable } from '../../redis/index.ts';
import { IndexWriter } from './index-writer.ts';
import { rebuild } from './rebuild.ts';

/** Past the expiry of any queue, and then some. */
const HOUR_MS = 3_600_000;

describe('writing to the index', () => {
  let stores: TestStores;
  beforeAll(async () => {
    stores = await openTestStores();
  });

  const createWriter = () => {
    const state = { down: false, now: 0, calls: 0, notReady: [] as string[], losses: 0 };
    const listeners = new Set<(usable: boolean) => void>();
    const writer = new IndexWriter({
      redis: {
        run: async (...call) => {
          state.calls += 1;
          if (state.down) throw new RedisUnavailable('down');
          return await stores.redis.run(...call);
        },
        health: { usable: true, onChange: (listener) => (listeners.add(listener), () => {}) },
      },
      clock: () => state.now,
      onNotReady: (board) => state.notReady.push(board),
      onLost: () => {
        state.losses += 1;
      },
    });
    const tellUsable = () => listeners.forEach((listener) => listener(true));
    return { writer, state, tellUsable };
  };

  const builtBoard = async () => {
    const { board } = await fillBoard(stores.db, 0);
    await rebuild(stores, board);
    return board;
  };

  it('answers the rank, and shares a call among those who come together', async () => {
    const board = await builtBoard();
    const { writer, state } = createWriter();
    const scores = Array.from({ length: 64 }, (_, n) => scoreOf(player(n), { totalScore: 1000 - n }));
    const ranks = await Promise.all(scores.map(async (score) => await writer.write(board, score)));
    expect(ranks).toEqual(scores.map((_, n) => n + 1));
    expect(state.calls).toBe(1);
  });

  it('knows no rank on a board that is not ready, and says which it is', async () => {
    const { writer, state } = createWriter();
    const board = newBoardId();
    expect(await writer.write(board, scoreOf(player(1)))).toBeNull();
    expect(state.notReady).toEqual([board]);
    expect(writer.missing).toBe(0);
  });

  it('fails nobody when Redis is away, and writes the newest of all when it is back', async () => {
    const board = await builtBoard();
    const { writer, state, tellUsable } = createWriter();
    state.down = true;
    for (const version of [1, 2, 3]) {
      expect(await writer.write(board, scoreOf(player(1), { version, totalScore: version }))).toBeNull();
    }
    await writer.write(board, scoreOf(player(2)));
    await writer.remove(player(2), [board]);
    expect(writer.missing).toBe(2);
    state.down = false;
    tellUsable();
    await until('everything is written', () => writer.missing === 0);
    expect(await readIndexed(stores, board)).toMatchObject({
      scores: [{ userId: player(1), totalScore: 3 }],
    });
    expect(await writer.write(board, scoreOf(player(2), { version: 9 }))).toBeNull();
  });

  it('tries again by itself', async () => {
    const board = await builtBoard();
    const { writer, state } = createWriter();
    state.down = true;
    await writer.write(board, scoreOf(player(1)));
    await until('it was tried again', () => state.calls >= 3);
    state.down = false;
    await until('it is written', () => writer.missing === 0);
    expect(await readIndexed(stores, board)).toMatchObject({ scores: [{ userId: player(1) }] });
  });

  it('gives up what is too old to be written, and says so', async () => {
    const board = await builtBoard();
    const { writer, state } = createWriter();
    state.down = true;
    await writer.write(board, scoreOf(player(1)));
    state.now += HOUR_MS;
    await until('it is given up', () => state.losses === 1);
    expect(writer.missing).toBe(0);
  });

  it('tries what is left once more when it is closed, and ends', async () => {
    const board = await builtBoard();
    const { writer, state } = createWriter();
    state.down = true;
    await writer.write(board, scoreOf(player(1)));
    state.down = false;
    await writer.close();
    expect(writer.missing).toBe(0);
    const lost = createWriter();
    lost.state.down = true;
    await lost.writer.write(board, scoreOf(player(2)));
    await lost.writer.close();
    expect(lost.writer.missing).toBe(1);
  });
});
