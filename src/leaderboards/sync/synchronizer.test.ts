import { pino } from 'pino';
import { describe, expect, test } from 'vitest';

import { newBoardId } from '../../../test/harness/ranking-board.ts';
import { collectLog, connectBy } from '../../../test/harness/redis-clients.ts';
import {
  changeScore,
  insertBoard,
  insertScoredPlayers,
  openTestStores,
  readIndexed,
  readStored,
} from '../../../test/harness/stored-board.ts';
import { until } from '../../../test/harness/until.ts';
import { acquireSyncLock, saveReport } from '../ranking-index/index.ts';
import { boardKeys } from '../ranking-index/keys.ts';
import { readClock } from './repository.ts';
import { Synchronizer } from './synchronizer.ts';

const stores = await openTestStores();
const { db, redis } = stores;
const silent = pino({ level: 'silent' });

/** As another process has it, with a connection of its own. */
async function startProcess(log = silent): Promise<Synchronizer> {
  const client = await connectBy('resp', stores.redisUrl);
  await until('Redis is used', () => client.health.usable);
  return new Synchronizer({ db, redis: client, log, onCompared: () => {} });
}

async function storedBoard(): Promise<string> {
  const board = await insertBoard(db);
  await insertScoredPlayers(db, board, [30, 20, 10]);
  return board;
}

async function untilBuilt(board: string): Promise<void> {
  await until(`${board} is ready`, async () => await readIndexed(stores, board));
  expect(await readIndexed(stores, board)).toEqual(await readStored(db, board));
}

async function hasKeys(board: string): Promise<boolean> {
  return (await redis.commands.keys(`${boardKeys(board).board}*`)).length > 0;
}

describe('a sync of a board', () => {
  test('is done by one of two processes', async () => {
    const processes = [await startProcess(), await startProcess()];
    const board = await storedBoard();
    const results = await Promise.allSettled(processes.map(async (one) => await one.sync(board, 'rebuild')));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'unavailable' },
    });
    await untilBuilt(board);
  });

  test('leaves a report that every process finds', async () => {
    const [one, other] = [await startProcess(), await startProcess()];
    const board = await storedBoard();
    expect(await other.findReport(board)).toBeUndefined();
    const report = await one.sync(board, 'verify');
    expect(await other.findReport(board)).toEqual(report);
  });
});

describe('a request for a board', () => {
  test('builds it, once for however many ask', async () => {
    const { log, lines } = collectLog();
    const processes = [await startProcess(log), await startProcess(log)];
    const board = await storedBoard();
    for (let n = 0; n < 50; n += 1) for (const one of processes) one.requestRebuild(board);
    await untilBuilt(board);
    await processes[0]?.sync(board, 'verify').catch(() => {});
    expect(lines.filter(({ msg }) => msg === 'the ranking index was built')).toHaveLength(1);
  });

  test('leaves a board alone that is ready', async () => {
    const one = await startProcess();
    const board = await storedBoard();
    await one.sync(board, 'rebuild');
    await redis.commands.hset(boardKeys(board).members, { '': 'the same board' });
    one.requestRebuild(board);
    await until(
      'it was looked at',
      async () => (await redis.commands.exists(boardKeys(board).syncLock)) === 0,
    );
    expect(await redis.commands.hget(boardKeys(board).members, '')).toBe('the same board');
  });

  test('builds nothing for leaderboards that do not exist, and then those that do', async () => {
    const one = await startProcess();
    const strangers = Array.from({ length: 300 }, newBoardId);
    for (const board of strangers) one.requestRebuild(board);
    const board = await storedBoard();
    await until('the board is built', async () => {
      one.requestRebuild(board);
      return await readIndexed(stores, board);
    });
    for (const stranger of strangers) expect(await hasKeys(stranger)).toBe(false);
  });

  test('waits for nobody who builds it already', async () => {
    const one = await startProcess();
    const board = await storedBoard();
    await acquireSyncLock(redis, board, { id: 'somebody else', ttlMs: 400 });
    one.requestRebuild(board);
    expect(await readIndexed(stores, board)).toBeUndefined();
    await until('the board is built after all', async () => {
      one.requestRebuild(board);
      return await readIndexed(stores, board);
    });
  });
});

describe('replaying every board', () => {
  test('brings those that are ready up to date, and has the others built', async () => {
    const one = await startProcess();
    const [ready, missing] = [await storedBoard(), await storedBoard()];
    await one.sync(ready, 'rebuild');
    const [userId = ''] = await insertScoredPlayers(db, ready, [5]);
    await changeScore(db, ready, userId, 100);
    await one.replayAll();
    expect(await readIndexed(stores, ready)).toEqual(await readStored(db, ready));
    await untilBuilt(missing);
  });
});

describe('verifying what is due', () => {
  const HOUR_MS = 3_600_000;

  async function reportedAgo(one: Synchronizer, board: string, ms: number): Promise<void> {
    const report = await one.sync(board, 'verify');
    const checkedAt = new Date(Date.parse(await readClock(db)) - ms).toISOString();
    await saveReport(redis, board, JSON.stringify({ ...report, checkedAt }));
  }

  test('is done by one process in an interval', async () => {
    const [one, other] = [await startProcess(), await startProcess()];
    const board = await storedBoard();
    const done = await Promise.all([one.verifyDue(HOUR_MS), other.verifyDue(HOUR_MS)]);
    expect(done[0] + done[1]).toBeGreaterThan(0);
    expect(await one.findReport(board)).toMatchObject({ rebuilt: true });
    // Boards that one held when the other came by are done by now.
    expect(await other.verifyDue(HOUR_MS)).toBe(0);
    await reportedAgo(one, board, 2 * HOUR_MS);
    expect(await other.verifyDue(HOUR_MS)).toBe(1);
  });

  test('is not put off by the moments between the beginning of a run and its report', async () => {
    const one = await startProcess();
    const board = await storedBoard();
    await one.verifyDue(HOUR_MS);
    await reportedAgo(one, board, HOUR_MS - 50);
    expect(await one.verifyDue(HOUR_MS)).toBe(1);
    await reportedAgo(one, board, HOUR_MS / 2);
    expect(await one.verifyDue(HOUR_MS)).toBe(0);
  });

  test('rebuilds every board once a day, whoever looked at them before', async () => {
    const one = await startProcess();
    const board = await storedBoard();
    await one.sync(board, 'verify');
    expect(await one.rebuildAll()).toBeGreaterThan(1);
    expect(await one.findReport(board)).toMatchObject({ mode: 'rebuild', rebuilt: true });
  });
});
