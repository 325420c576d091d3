import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { countUpTo, createDistribution, durationsAt, subtract } from './distribution.ts';

function tallyOf(durationsMs: readonly number[]) {
  const distribution = createDistribution();
  for (const durationMs of durationsMs) distribution.record(durationMs);
  return distribution.tally();
}

describe('a distribution', () => {
  it('knows every duration from a microsecond to a quarter of an hour to 0.4 %', () => {
    const anyMs = fc.double({ min: 0.001, max: 1_000_000, noNaN: true });
    fc.assert(
      fc.property(anyMs, (durationMs) => {
        const [known = Number.NaN] = durationsAt(tallyOf([durationMs]), [1]);
        expect(Math.abs(known / durationMs - 1)).toBeLessThan(0.004);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([0, -1, Number.NaN, 1e-9])('counts %d among the shortest', (durationMs) => {
    expect(durationsAt(tallyOf([durationMs]), [1])[0]).toBeLessThan(0.001);
  });

  it.each([2 ** 20, 1e9, Infinity])('counts %d among the longest', (durationMs) => {
    expect(durationsAt(tallyOf([durationMs]), [1])[0]).toBeGreaterThan(1_000_000);
  });

  it('is exact about how many were at most a whole number', () => {
    const whole = fc.integer({ min: 1, max: 256 });
    fc.assert(
      fc.property(whole, fc.array(fc.double({ min: 0, max: 300, noNaN: true })), (boundMs, durationsMs) => {
        const all = [...durationsMs, boundMs, boundMs + 1e-12 * boundMs, boundMs - 1e-12 * boundMs];
        expect(countUpTo(tallyOf(all), boundMs)).toBe(all.filter((one) => one <= boundMs).length);
      }),
    );
  });

  it('gives the durations of ranks, each as often as it is asked for', () => {
    const tally = tallyOf([30, 10, 20, 10]);
    const [ten, thirty] = [expect.closeTo(10, 0), expect.closeTo(30, 0)];
    expect(durationsAt(tally, [1, 2, 2, 4])).toEqual([ten, ten, ten, thirty]);
    expect(durationsAt(tally, [])).toEqual([]);
  });

  it('tells what came between two tallies', () => {
    const distribution = createDistribution();
    distribution.record(5);
    const earlier = distribution.tally();
    distribution.record(700);
    const between = subtract(distribution.tally(), earlier);
    expect(between).toMatchObject({ count: 1, sumMs: 700 });
    expect(durationsAt(between, [1])).toEqual([expect.closeTo(700, -1)]);
    expect(countUpTo(between, 5)).toBe(0);
  });
});
