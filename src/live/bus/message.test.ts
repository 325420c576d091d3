import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createOrigin, decodeMessage, encodeMessage, MAX_CHANGES } from './message.ts';

const here = createOrigin();
const there = createOrigin();
const userId = '01920000-0000-7000-8000-000000000000';
const score = { totalScore: Number.MAX_SAFE_INTEGER, scoreFirstReachedAt: '2026-01-31T09:30:00.000001Z' };
const leaderboardId = 'b'.repeat(64);
const changes = [{ leaderboardId }, { leaderboardId, userId }, { leaderboardId, userId, score }];

test('what one process tells is what another one hears', () => {
  expect(decodeMessage(here, encodeMessage(there, changes))).toEqual(changes);
});

test('what a process told itself is nothing to it', () => {
  expect(decodeMessage(here, encodeMessage(here, changes))).toEqual([]);
});

test('the longest message fits into what PostgreSQL takes, on one line', () => {
  const longest = encodeMessage(
    there,
    Array.from({ length: MAX_CHANGES }, () => ({ leaderboardId, userId, score })),
  );
  expect(Buffer.byteLength(longest)).toBeLessThan(8000);
  expect(longest).not.toContain('\n');
});

describe('nothing is heard of', () => {
  const line = (json: string) => `${there} ${json}`;
  test.each([
    ['an empty message', ''],
    ['one without an origin', '[["global"]]'],
    ['no JSON', line('[[')],
    ['no list', line('{"leaderboard_id":"global"}')],
    ['an id that no leaderboard has', line('[["-global"]]')],
    ['an id that no player has', line(`[["global","${userId}x"]]`)],
    ['a score that is none', line(`[["global","${userId}",-1,"2026-01-31T09:30:00.000001Z"]]`)],
    ['a time that is none', line(`[["global","${userId}",1,"yesterday"]]`)],
    ['too much', line(`[["global","${userId}",1,"2026-01-31T09:30:00.000001Z","more"]]`)],
    ['too many', line(JSON.stringify(Array.from({ length: MAX_CHANGES + 1 }, () => ['global'])))],
    ['too long a message', line(`${' '.repeat(8000)}[["global"]]`)],
  ])('%s', (_, text) => {
    expect(decodeMessage(here, text)).toBeUndefined();
  });

  test('anything else, and nothing throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json().map(line)), (text) => {
        expect(decodeMessage(here, text) ?? []).toEqual([]);
      }),
      { examples: [[line('[]')]] },
    );
  });
});
