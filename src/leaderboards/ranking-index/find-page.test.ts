import fc from 'fast-check';
import { expect, test } from 'vitest';

import { startPrivateRedis } from '../../../test/harness/private-redis.ts';
import { buildBoard, newBoardId, player, scoreOf } from '../../../test/harness/ranking-board.ts';
import { applyScores } from './apply-scores.ts';
import { findIndexedPage } from './find-page.ts';
import { addRows, beginRebuild, switchRebuild } from './rebuild.ts';

const redis = await startPrivateRedis();

/** Player n has rank n of 150. */
const ranked = Array.from({ length: 150 }, (_, index) =>
  scoreOf(player(index + 1), { totalScore: 150 - index }),
);
const board = await buildBoard(redis, ranked);

test.each([
  { limit: 10, offset: 0, ranks: [1, 10] },
  { limit: 100, offset: 0, ranks: [1, 100] },
  { limit: 100, offset: 100, ranks: [101, 150] },
  { limit: 1, offset: 149, ranks: [150, 150] },
])('a page of $limit from $offset', async ({ limit, offset, ranks: [first = 0, last = 0] }) => {
  expect(await findIndexedPage(redis, board, { limit, offset })).toEqual({
    totalPlayers: 150,
    readAt: expect.any(Number),
    entries: Array.from({ length: last - first + 1 }, (_, index) => ({
      rank: first + index,
      userId: player(first + index),
      totalScore: 151 - first - index,
      scoreFirstReachedAt: '2026-01-31T09:30:00.000001Z',
    })),
  });
});

test.each([150, 10_000, Number.MAX_SAFE_INTEGER])('a page from %d on is empty', async (offset) => {
  expect(await findIndexedPage(redis, board, { limit: 100, offset })).toEqual({
    totalPlayers: 150,
    readAt: expect.any(Number),
    entries: [],
  });
});

test('a page of an empty board that is ready is empty', async () => {
  const page = await findIndexedPage(redis, await buildBoard(redis), { limit: 10, offset: 0 });
  expect(page).toEqual({ totalPlayers: 0, readAt: expect.any(Number), entries: [] });
});

test('there is no page before the first rebuild is complete', async () => {
  const unbuilt = newBoardId();
  const read = async () => await findIndexedPage(redis, unbuilt, { limit: 10, offset: 0 });
  expect(await read()).toBeUndefined();
  await beginRebuild(redis, unbuilt, 'one');
  await addRows(redis, unbuilt, { id: 'one', rows: ranked.slice(0, 64) });
  expect(await read()).toBeUndefined();
  await switchRebuild(redis, unbuilt, 'one');
  expect(await read()).toMatchObject({ totalPlayers: 64 });
});

const seed = Date.now() % 2 ** 31;

test(`10,000 players with one score near 2^53 are listed as they reached it, seed ${seed}`, async () => {
  const totalScore = Number.MAX_SAFE_INTEGER - 1;
  const start = Date.parse('2026-01-31T09:30:00Z');
  const inOrder = Array.from({ length: 10_000 }, (_, n) => {
    const milliseconds = new Date(start + Math.floor(n / 1000)).toISOString().slice(0, -1);
    const scoreFirstReachedAt = `${milliseconds}${String(n % 1000).padStart(3, '0')}Z`;
    return scoreOf(player((n * 7919) % 10_000), { totalScore, scoreFirstReachedAt });
  });
  const ties = await buildBoard(redis);
  const [shuffled = []] = fc.sample(fc.shuffledSubarray(inOrder, { minLength: 10_000 }), {
    numRuns: 1,
    seed,
  });
  for (let at = 0; at < shuffled.length; at += 64) {
    await applyScores(redis, ties, shuffled.slice(at, at + 64));
  }
  for (let offset = 0; offset < 10_000; offset += 100) {
    const page = await findIndexedPage(redis, ties, { limit: 100, offset });
    const expected = inOrder.slice(offset, offset + 100).map(({ userId, scoreFirstReachedAt }, index) => {
      return { rank: offset + index + 1, userId, scoreFirstReachedAt, totalScore };
    });
    expect(page).toEqual({ totalPlayers: 10_000, readAt: expect.any(Number), entries: expected });
  }
});
