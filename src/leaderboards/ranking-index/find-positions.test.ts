import { expect, test } from 'vitest';

import { startPrivateRedis } from '../../../test/harness/private-redis.ts';
import { buildBoard, newBoardId, player, scoreOf } from '../../../test/harness/ranking-board.ts';
import { findIndexedPage } from './find-page.ts';
import { findIndexedPositions } from './find-positions.ts';

const redis = await startPrivateRedis();

/** Player n has rank n of 150. */
const ranked = Array.from({ length: 150 }, (_, index) =>
  scoreOf(player(index + 1), { totalScore: 150 - index }),
);
const board = await buildBoard(redis, ranked);

test.each([
  { rank: 1, around: 0, first: 1, last: 1 },
  { rank: 1, around: 5, first: 1, last: 6 },
  { rank: 3, around: 5, first: 1, last: 8 },
  { rank: 75, around: 50, first: 25, last: 125 },
  { rank: 149, around: 5, first: 144, last: 150 },
  { rank: 150, around: 0, first: 150, last: 150 },
])('rank $rank with $around on each side is $first to $last', async ({ rank, around, first, last }) => {
  const [position] = (await findIndexedPositions(redis, board, [{ userId: player(rank), around }])) ?? [];
  const entries = await Promise.all(
    Array.from({ length: last - first + 1 }, async (_, index) => {
      const page = await findIndexedPage(redis, board, { limit: 1, offset: first + index - 1 });
      return page?.entries[0];
    }),
  );
  expect(position).toEqual({ totalPlayers: 150, entries });
  expect(position?.entries.find(({ userId }) => userId === player(rank))?.rank).toBe(rank);
});

test('a player who is not on the board has no entries', async () => {
  const absent = { userId: player(151), around: 5 };
  expect(await findIndexedPositions(redis, board, [absent])).toEqual([{ totalPlayers: 150, entries: [] }]);
  const empty = await buildBoard(redis);
  expect(await findIndexedPositions(redis, empty, [absent])).toEqual([{ totalPlayers: 0, entries: [] }]);
});

test('several players are found together, in their order, whoever of them is on the board', async () => {
  const sought = [150, 151, 1, 75, 1].map((n, index) => ({ userId: player(n), around: index }));
  const alone = await Promise.all(sought.map(async (one) => await findIndexedPositions(redis, board, [one])));
  expect(await findIndexedPositions(redis, board, sought)).toEqual(alone.flat());
  expect(alone.flat().map((found) => found?.entries.length)).toEqual([1, 0, 3, 7, 5]);
});

test('there is no position on a board that is not ready', async () => {
  const sought = [{ userId: player(1), around: 5 }];
  expect(await findIndexedPositions(redis, newBoardId(), sought)).toBeUndefined();
});
