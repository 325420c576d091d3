import { describe, expect, test } from 'vitest';

import { countWindows, hitsInTurn } from './hits-in-turn.ts';

describe('hits that are counted together', () => {
  const hits = ['one', 'other', 'one', 'one'];

  test('are counted for their window', () => {
    expect([...countWindows(hits)]).toEqual([
      ['one', 3],
      ['other', 1],
    ]);
  });

  test('are admitted in the order in which they came', () => {
    const counted = new Map([
      ['one', { admitted: 2, hits: 7, fewerInMs: 50 }],
      ['other', { admitted: 0, hits: 9, fewerInMs: 60 }],
    ]);
    expect(hitsInTurn(hits, counted)).toEqual([
      { totalHits: 6, fewerInMs: 50 },
      { totalHits: undefined, fewerInMs: 60 },
      { totalHits: 7, fewerInMs: 50 },
      { totalHits: undefined, fewerInMs: 50 },
    ]);
  });
});
