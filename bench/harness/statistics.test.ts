import { describe, expect, test } from 'vitest';

import { quantileOf, ratiosOf, spreadOf } from './statistics.ts';

describe('the spread of repeats', () => {
  test('has the median and both extremes', () => {
    expect(spreadOf([30, 10, 20])).toEqual({ median: 20, min: 10, max: 30 });
  });

  test('takes the lower of the two in the middle', () => {
    expect(spreadOf([4, 1, 3, 2]).median).toBe(2);
  });
});

describe('a quantile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  test.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
    [0, 1],
  ])('of %f is the smallest that so many do not exceed', (share, expected) => {
    expect(quantileOf(hundred, share)).toBe(expected);
  });

  test('of nothing is no number', () => {
    expect(quantileOf([], 0.5)).toBeNaN();
  });
});

test('ratios compare within a round', () => {
  expect(ratiosOf([10, 30], [5, 10])).toEqual([2, 3]);
});
