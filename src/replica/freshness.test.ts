import { describe, expect, test } from 'vitest';

import { freshAt, type Mark, mismatchOf, type Progress } from './freshness.ts';

const mark: Mark = { at: 1000, lsn: 70n, database: '7/laurel', timeline: 3 };
const progress: Progress = { inRecovery: true, replayedLsn: 70n, database: '7/laurel', timeline: 3 };

describe('mismatchOf', () => {
  test('finds nothing wrong with a replica, however far behind', () => {
    expect(mismatchOf(mark, progress)).toBeUndefined();
    expect(mismatchOf(mark, { ...progress, replayedLsn: 1n })).toBeUndefined();
  });

  test.each([
    ['a server that is not in recovery', { inRecovery: false, replayedLsn: null }, 'not_a_replica'],
    ['a replica of another cluster', { database: '8/laurel' }, 'other_database'],
    ['another database of the replica', { database: '7/postgres' }, 'other_database'],
    ['a replica of the primary before this one', { timeline: 2 }, 'other_timeline'],
  ] as const)('refuses %s', (_, difference, mismatch) => {
    expect(mismatchOf(mark, { ...progress, ...difference })).toBe(mismatch);
  });
});

describe('freshAt', () => {
  const marks = [
    { ...mark, at: 1000, lsn: 70n },
    { ...mark, at: 1500, lsn: 80n },
    { ...mark, at: 2000, lsn: 80n },
    { ...mark, at: 2500, lsn: 90n },
  ];

  test.each([
    ['behind every mark', 69n, undefined],
    ['at a mark', 70n, 1000],
    ['between two marks', 79n, 1000],
    ['at the newest of marks at which nothing was written', 80n, 2000],
    ['ahead of every mark', 91n, 2500],
  ])('of a replica %s', (_, replayedLsn, at) => {
    expect(freshAt(marks, { ...progress, replayedLsn })).toBe(at);
  });

  test('is unknown where nothing was replayed', () => {
    expect(freshAt(marks, { ...progress, replayedLsn: null })).toBeUndefined();
  });
});
