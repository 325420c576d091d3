import { expect, test } from 'vitest';

import { startPrivateRedis } from '../../../test/harness/private-redis.ts';
import { newBoardId } from '../../../test/harness/ranking-board.ts';
import { findWatermark, raiseWatermark } from './index.ts';

const redis = await startPrivateRedis();

test('a watermark only rises', async () => {
  const board = newBoardId();
  expect(await findWatermark(redis, board)).toBeUndefined();
  const times = ['2026-01-31T09:30:00.000001Z', '2026-01-31T09:30:00.000002Z'] as const;
  expect(await raiseWatermark(redis, board, times[0])).toBe(times[0]);
  expect(await raiseWatermark(redis, board, times[1])).toBe(times[1]);
  expect(await raiseWatermark(redis, board, times[0])).toBe(times[1]);
  expect(await findWatermark(redis, board)).toBe(times[1]);
});

test('watermarks compare as numbers', async () => {
  const board = newBoardId();
  const late = '2026-01-31T09:30:00.000000Z';
  await raiseWatermark(redis, board, '1970-01-01T00:00:00.000009Z');
  expect(await raiseWatermark(redis, board, '1970-01-01T00:00:00.000010Z')).toBe(
    '1970-01-01T00:00:00.000010Z',
  );
  expect(await raiseWatermark(redis, board, late)).toBe(late);
});
