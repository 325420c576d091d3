import { expect, test } from 'vitest';

import { toLimit } from './rebalance-buckets.ts';

test.each([
  [0, 4096],
  [1_000_000, 4096],
  [2_000_000, 5656],
  [4_000_000, 8000],
  [16_777_216, 16_384],
  [100_000_000, 16_384],
])('a board of %i players has buckets of %i at the most', (players, limit) => {
  expect(toLimit(players)).toBe(limit);
});
