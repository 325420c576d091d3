import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Page } from '../leaderboards/index.ts';
import { firstEntries, mayShow, showsTheSame, withRise } from './visible-page.ts';

interface Score {
  readonly userId: string;
  readonly totalScore: number;
  readonly scoreFirstReachedAt: string;
}

function at(microsecond: number): string {
  return `2026-01-31T09:30:00.${String(microsecond).padStart(6, '0')}Z`;
}

function scoreOf(userId: string, totalScore: number, microsecond = 0): Score {
  return { userId, totalScore, scoreFirstReachedAt: at(microsecond) };
}

/** A board in order, of which the page has the best `limit`. */
function pageOf(scores: readonly Score[], limit: number): Page {
  const compare = (one: Score, other: Score) =>
    other.totalScore - one.totalScore ||
    (one.scoreFirstReachedAt < other.scoreFirstReachedAt ? -1 : 0) ||
    (one.scoreFirstReachedAt > other.scoreFirstReachedAt ? 1 : 0) ||
    (one.userId > other.userId ? -1 : 1);
  const entries = scores
    .toSorted(compare)
    .slice(0, limit)
    .map((score, index) => ({ ...score, rank: index + 1, username: `name of ${score.userId}` }));
  return { leaderboardId: 'global', totalPlayers: scores.length, entries, source: 'postgres', readAt: 1 };
}

function changeOf({ userId, ...score }: Score) {
  return { leaderboardId: 'global', userId, score };
}

const full = pageOf([scoreOf('a', 30), scoreOf('b', 20, 5), scoreOf('c', 10)], 2);

describe('of a full page, a change', () => {
  test.each([
    ['below it does not show', changeOf(scoreOf('d', 19)), false],
    ['with the lowest score, reached later, does not show', changeOf(scoreOf('d', 20, 6)), false],
    ['with the lowest score, reached earlier, shows', changeOf(scoreOf('d', 20, 4)), true],
    ['at the same microsecond shows with a higher id', changeOf(scoreOf('d', 20, 5)), true],
    ['at the same microsecond does not show with a lower id', changeOf(scoreOf('B', 20, 5)), false],
    ['above shows', changeOf(scoreOf('d', 25)), true],
    ['of somebody on it shows when it goes down', changeOf(scoreOf('a', 1)), true],
    ['that it has already does not show', changeOf(scoreOf('a', 30)), false],
    ['that takes somebody on it away shows', { leaderboardId: 'global', userId: 'b' }, true],
    ['that takes somebody else away does not show', { leaderboardId: 'global', userId: 'c' }, false],
    ['of unknown extent may show', { leaderboardId: 'global' }, true],
  ])('%s', (_, change, expected) => {
    expect(mayShow(change, full, 2)).toBe(expected);
  });
});

test('everybody shows on a page with room', () => {
  expect(mayShow(changeOf(scoreOf('d', 0)), full, 3)).toBe(true);
});

test('whatever changes the visible entries is a change that may show', () => {
  const score = fc.record({
    userId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    totalScore: fc.integer({ min: 0, max: 5 }),
    scoreFirstReachedAt: fc.integer({ min: 0, max: 3 }).map(at),
  });
  const board = fc.uniqueArray(score, { selector: ({ userId }) => userId, maxLength: 6 });
  fc.assert(
    fc.property(
      board,
      score,
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      (scores, changed, isGone, limit) => {
        const before = pageOf(scores, limit);
        const others = scores.filter(({ userId }) => userId !== changed.userId);
        const after = pageOf(isGone ? others : [...others, changed], limit);
        const change = isGone ? { leaderboardId: 'global', userId: changed.userId } : changeOf(changed);
        expect(showsTheSame(before, after) || mayShow(change, before, limit)).toBe(true);
      },
    ),
  );
});

describe('a page takes', () => {
  test.each([
    ['no rise of somebody who is not on it', changeOf(scoreOf('d', 25, 9))],
    ['nobody away', { leaderboardId: 'global', userId: 'a' }],
    ['no change of unknown extent', { leaderboardId: 'global' }],
    ['no fall', changeOf(scoreOf('a', 29, 9))],
    ['no rise that is older than what it shows', changeOf(scoreOf('b', 21, 4))],
    ['no rise without a time of its own', changeOf(scoreOf('b', 21, 5))],
  ])('%s', (_, change) => {
    expect(withRise(full, change)).toBeUndefined();
  });

  test('a rise, as a new read would show it', () => {
    const board = fc.uniqueArray(
      fc.record({
        userId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        totalScore: fc.integer({ min: 0, max: 5 }),
        scoreFirstReachedAt: fc.integer({ min: 0, max: 3 }).map(at),
      }),
      { selector: ({ userId }) => userId, minLength: 1, maxLength: 6 },
    );
    const rise = fc.record({
      by: fc.integer({ min: 1, max: 5 }),
      place: fc.nat(),
      after: fc.constantFrom(1, 2),
    });
    fc.assert(
      fc.property(board, rise, fc.integer({ min: 1, max: 6 }), (scores, { by, place, after }, limit) => {
        const before = pageOf(scores, limit);
        const score = before.entries[place % before.entries.length] as Score;
        const { userId, totalScore, scoreFirstReachedAt } = score;
        const risen = scoreOf(userId, totalScore + by, Number(scoreFirstReachedAt.slice(20, 26)) + after);
        const others = scores.filter((score) => score.userId !== userId);
        expect(withRise(before, changeOf(risen))).toEqual(pageOf([...others, risen], limit));
      }),
    );
  });
});

test('pages show the same although the number of players differs', () => {
  expect(showsTheSame(full, { ...full, totalPlayers: 99 })).toBe(true);
  expect(showsTheSame(full, firstEntries(full, 1))).toBe(false);
});
