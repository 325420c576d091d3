import { describe, expect, test } from 'vitest';

import { formatAge, formatMoment, formatNumber } from './format.ts';
import { formatPlayers } from './snapshot.ts';

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [Number.MAX_SAFE_INTEGER, '9,007,199,254,740,991'],
])('the number %i reads %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test.each([
  [0, '0 players'],
  [1, '1 player'],
  [12_345, '12,345 players'],
])('%i players read %s', (count, text) => {
  expect(formatPlayers({ total_players: count })).toBe(text);
});

describe('an age', () => {
  const moment = '2026-03-01T12:00:00.123456Z';
  const at = (text: string) => Date.parse(text);

  test.each([
    ['2026-03-01T11:00:00Z', 'just now'],
    ['2026-03-01T12:00:59Z', 'just now'],
    ['2026-03-01T12:01:01Z', '1 min ago'],
    ['2026-03-01T12:59:59Z', '59 min ago'],
    ['2026-03-01T13:00:01Z', '1 h ago'],
    ['2026-03-02T11:59:59Z', '23 h ago'],
    ['2026-03-02T12:00:01Z', '1 d ago'],
    ['2026-03-31T11:59:59Z', '29 d ago'],
    ['2026-04-01T12:00:00Z', '1 Mar 2026'],
  ])('at %s is %s', (now, text) => {
    expect(formatAge(moment, at(now))).toBe(text);
  });
});

test('a moment is told to the second, in UTC', () => {
  expect(formatMoment('2026-03-01T09:05:07.999999Z')).toBe('1 Mar 2026, 09:05:07 UTC');
});
