import { describe, expect, it } from 'vitest';

import type { Entry } from './client.ts';
import { findContradictions, findDifferences, findDisorder } from './reconcile.ts';

function entry(rank: number, username: string, score: number, microseconds = 0): Entry {
  const score_first_reached_at = `2026-01-01T00:00:00.${String(microseconds).padStart(6, '0')}Z`;
  return { rank, username, user_id: `id of ${username}`, total_score: score, score_first_reached_at };
}

describe('findDifferences', () => {
  it.each([
    ['what was accepted', { accepted: 10, unknown: [] }, 10],
    ['no score for nobody’s', { accepted: 0, unknown: [] }, 0],
    ['none of the unknown', { accepted: 10, unknown: [3, 4] }, 10],
    ['one of the unknown', { accepted: 10, unknown: [3, 4] }, 14],
    ['all of the unknown', { accepted: 10, unknown: [3, 4] }, 17],
  ])('finds none when the board counts %s', (_, account, boardTotal) => {
    expect(findDifferences([{ username: 'ann', account, boardTotal }])).toEqual([]);
  });

  it.each([
    ['too much', { accepted: 10, unknown: [] }, 11],
    ['too little', { accepted: 10, unknown: [] }, 9],
    ['more than the unknown explain', { accepted: 10, unknown: [3, 4] }, 15],
    ['no such player', { accepted: 0, unknown: [] }, undefined],
  ])('finds the player when the board says %s', (_, account, boardTotal) => {
    const difference = { username: 'ann', accepted: account.accepted, boardTotal };
    expect(findDifferences([{ username: 'ann', account, boardTotal }])).toEqual([difference]);
  });
});

describe('findDisorder', () => {
  it('finds none in falling totals, with ties by who was first', () => {
    expect(findDisorder([entry(1, 'ann', 9, 5), entry(2, 'bob', 8, 1), entry(3, 'cid', 8, 2)])).toEqual([]);
    expect(findDisorder([])).toEqual([]);
  });

  it('finds a lower total above a higher one', () => {
    expect(findDisorder([entry(1, 'ann', 8), entry(2, 'bob', 9)])).toEqual(['ann is above bob']);
  });

  it('finds a tie in the wrong order', () => {
    expect(findDisorder([entry(1, 'ann', 9, 2), entry(2, 'bob', 9, 1)])).toEqual(['ann is above bob']);
  });

  it('finds ranks that do not count from 1', () => {
    expect(findDisorder([entry(1, 'ann', 9), entry(3, 'bob', 8)])).toEqual(['bob has rank 3 at place 2']);
  });
});

describe('findContradictions', () => {
  it('compares the page with the positions of the players whom it lists', () => {
    const positions = new Map([
      ['id of ann', 9],
      ['id of bob', 7],
      ['id of cid', undefined],
    ]);
    const entries = [entry(1, 'ann', 9), entry(2, 'bob', 8), entry(3, 'cid', 6), entry(4, 'stranger', 5)];
    expect(findContradictions(entries, positions)).toEqual([
      'bob has 8 on the page and 7 by position',
      'cid has 6 on the page and nothing by position',
    ]);
  });
});
