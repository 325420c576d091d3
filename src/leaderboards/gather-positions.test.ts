import { expect, test, vi } from 'vitest';

import { gatherPositions } from './gather-positions.ts';
import type { Sought } from './ranking-index/index.ts';

const seek = (userId: string, around = 0): Sought => ({ userId, around });

/** Whoever is sought has a board of as many players as the id has characters. */
const findSome = vi.fn<Parameters<typeof gatherPositions>[0]>(
  async (_: string, players: readonly Sought[]) =>
    await Promise.resolve(players.map(({ userId }) => ({ totalPlayers: userId.length, entries: [] }))),
);

test('players who are sought together are found by one call for each board, each once', async () => {
  findSome.mockClear();
  const find = gatherPositions(findSome);
  const found = await Promise.all([
    find('one', seek('a')),
    find('two', seek('bb')),
    find('one', seek('ccc')),
    find('one', seek('a')),
  ]);
  expect(found.map((position) => position?.totalPlayers)).toEqual([1, 2, 3, 1]);
  const asked = findSome.mock.calls.map(([board, players]) => [
    board,
    ...players.map(({ userId }) => userId),
  ]);
  expect(asked).toEqual([
    ['one', 'a', 'ccc'],
    ['two', 'bb'],
  ]);
});

test('a call is for no more entries than a few pages have', async () => {
  findSome.mockClear();
  const find = gatherPositions(findSome);
  await Promise.all(Array.from({ length: 5 }, async (_, n) => await find('one', seek('x'.repeat(n), 50))));
  expect(findSome.mock.calls.map(([, players]) => players.length)).toEqual([2, 2, 1]);
});

test('a board that is not known leaves the others as they are', async () => {
  const find = gatherPositions(async (board, players) =>
    board === 'gone' ? await Promise.resolve(undefined) : await findSome(board, players),
  );
  expect(await Promise.all([find('gone', seek('a')), find('one', seek('a'))])).toEqual([
    undefined,
    { totalPlayers: 1, entries: [] },
  ]);
});
