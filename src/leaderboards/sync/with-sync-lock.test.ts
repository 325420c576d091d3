import { describe, expect, test } from 'vitest';

import { newBoardId } from '../../../test/harness/ranking-board.ts';
import { createTestRedis } from '../../../test/harness/redis.ts';
import { connectBy, patient } from '../../../test/harness/redis-clients.ts';
import { until } from '../../../test/harness/until.ts';
import { boardKeys } from '../ranking-index/keys.ts';
import { withSyncLock } from './with-sync-lock.ts';

const client = await connectBy('resp', await createTestRedis());
await until('Redis is used', () => client.health.usable);
const redis = patient(client);

/** Work that ends when the test says so. */
function pendingWork() {
  let end!: (result: string) => void;
  let isRunning = false;
  const over = new Promise<string>((resolve) => (end = resolve));
  const work = async () => {
    isRunning = true;
    return await over;
  };
  return { work, end, running: async () => await until('the work runs', () => isRunning) };
}

const soon = async () => await Promise.resolve('done');

describe('the lock of a board', () => {
  test('lets one work at a time, and the next when that is over', async () => {
    const board = newBoardId();
    const first = pendingWork();
    const working = withSyncLock(redis, board, first.work);
    await first.running();
    expect(await withSyncLock(redis, board, soon)).toBeUndefined();
    first.end('over');
    expect(await working).toEqual({ result: 'over' });
    expect(await withSyncLock(redis, board, soon)).toEqual({ result: 'done' });
  });

  test('is no other board’s', async () => {
    const held = pendingWork();
    const working = withSyncLock(redis, newBoardId(), held.work);
    await held.running();
    expect(await withSyncLock(redis, newBoardId(), soon)).toEqual({ result: 'done' });
    held.end('over');
    await working;
  });

  test('is given up by work that fails', async () => {
    const board = newBoardId();
    const failing = withSyncLock(redis, board, async () => await Promise.reject(new Error('no luck')));
    await expect(failing).rejects.toThrow('no luck');
    expect(await withSyncLock(redis, board, soon)).toEqual({ result: 'done' });
  });

  test('expires within ten seconds without its holder, and is held as long as the work takes', async () => {
    const board = newBoardId();
    const { syncLock } = boardKeys(board);
    const held = pendingWork();
    const working = withSyncLock(redis, board, held.work);
    await held.running();
    expect(await redis.commands.pttl(syncLock)).toBeLessThanOrEqual(10_000);
    await redis.commands.pexpire(syncLock, 6000);
    await until('the lock is renewed', async () => (await redis.commands.pttl(syncLock)) > 6000);
    held.end('over');
    await working;
    expect(await redis.commands.exists(syncLock)).toBe(0);
  });

  test('is left to whoever took it when it had expired', async () => {
    const board = newBoardId();
    const { syncLock } = boardKeys(board);
    const held = pendingWork();
    const working = withSyncLock(redis, board, held.work);
    await held.running();
    await redis.commands.set(syncLock, 'somebody else');
    held.end('over');
    await working;
    expect(await redis.commands.get(syncLock)).toBe('somebody else');
  });
});
