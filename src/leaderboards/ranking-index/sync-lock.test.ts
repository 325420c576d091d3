import { expect, test } from 'vitest';

import { startPrivateRedis } from '../../../test/harness/private-redis.ts';
import { newBoardId } from '../../../test/harness/ranking-board.ts';
import { until } from '../../../test/harness/until.ts';
import { boardKeys } from './keys.ts';
import { acquireSyncLock, releaseSyncLock, renewSyncLock } from './index.ts';

const redis = await startPrivateRedis();
const [mine, theirs] = [
  { id: 'mine', ttlMs: 60_000 },
  { id: 'theirs', ttlMs: 60_000 },
];

test('one of many holds the lock', async () => {
  const board = newBoardId();
  const ids = Array.from({ length: 20 }, (_, n) => `process ${n}`);
  const acquired = await Promise.all(
    ids.map(async (id) => await acquireSyncLock(redis, board, { id, ttlMs: 60_000 })),
  );
  expect(acquired.filter(Boolean)).toHaveLength(1);
});

test('acquiring again is true for the holder and sets the expiry anew', async () => {
  const board = newBoardId();
  await acquireSyncLock(redis, board, { ...mine, ttlMs: 1000 });
  expect(await acquireSyncLock(redis, board, mine)).toBe(true);
  expect(await redis.command('PTTL', boardKeys(board).syncLock)).toBeGreaterThan(50_000);
});

test('only the holder renews and releases', async () => {
  const board = newBoardId();
  await acquireSyncLock(redis, board, { ...mine, ttlMs: 1000 });
  expect(await renewSyncLock(redis, board, theirs)).toBe(false);
  expect(await releaseSyncLock(redis, board, theirs.id)).toBe(false);
  expect(await acquireSyncLock(redis, board, theirs)).toBe(false);
  expect(await renewSyncLock(redis, board, mine)).toBe(true);
  expect(await redis.command('PTTL', boardKeys(board).syncLock)).toBeGreaterThan(50_000);
  expect(await releaseSyncLock(redis, board, mine.id)).toBe(true);
  expect(await acquireSyncLock(redis, board, theirs)).toBe(true);
});

test('an expired lock is neither renewed nor released, and free', async () => {
  const board = newBoardId();
  await acquireSyncLock(redis, board, { ...mine, ttlMs: 1 });
  await until(
    'the lock has expired',
    async () => (await redis.command('EXISTS', boardKeys(board).syncLock)) === 0,
  );
  expect(await renewSyncLock(redis, board, mine)).toBe(false);
  expect(await releaseSyncLock(redis, board, mine.id)).toBe(false);
  expect(await acquireSyncLock(redis, board, theirs)).toBe(true);
});
