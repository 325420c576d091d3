import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { percentile } from '../../test/emf/schema.ts';
import { createRandom } from '../../test/harness/random.ts';
import { createDistribution } from './distribution.ts';
import { createThinning } from './thinning.ts';

const MAX = 1000;

function tallyOf(durationsMs: readonly number[]) {
  const distribution = createDistribution();
  for (const durationMs of durationsMs) distribution.record(durationMs);
  return distribution.tally();
}

function countsTold(thin: ReturnType<typeof createThinning>, counts: readonly number[]): number[] {
  return counts.map((count) => thin(tallyOf(Array.from({ length: count }, (_, n) => n + 1))).length);
}

describe('durations that stand for all', () => {
  it('are all of them as long as no window has too many', () => {
    const thin = createThinning(3);
    expect(thin(tallyOf([3, 1, 2]))).toEqual([
      expect.closeTo(1, 1),
      expect.closeTo(2, 1),
      expect.closeTo(3, 1),
    ]);
    expect(thin(tallyOf([]))).toEqual([]);
    expect(thin(tallyOf([700]))).toEqual([expect.closeTo(700, -1)]);
  });

  it('are evenly spaced where a window has too many, the longest among them', () => {
    const told = createThinning(100)(tallyOf(Array.from({ length: 10_000 }, (_, n) => n / 100)));
    expect(told).toHaveLength(100);
    told.forEach((value, n) => expect(Math.abs(value / (n + 0.99) - 1)).toBeLessThan(0.01));
  });

  it('stand for as many each through the minute after a busy window, and then for fewer', () => {
    expect(countsTold(createThinning(100), [1000, 250, 250, 5, 5, 0, 50, 50])).toEqual([
      100, 25, 25, 0, 1, 0, 20, 20,
    ]);
  });

  it('are never more than asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 30 }), (counts) => {
        for (const told of countsTold(createThinning(70), counts)) expect(told).toBeLessThanOrEqual(70);
      }),
    );
  });

  it('have the percentiles of a minute to within 5 %, however few durations its slow windows have', () => {
    const windows = fc.array(fc.record({ count: fc.integer({ min: 2000, max: 12_000 }), seed: fc.nat() }), {
      minLength: 5,
      maxLength: 5,
    });
    fc.assert(
      fc.property(windows, (all) => {
        // The first is the busiest, so that all of the minute stand for as many.
        const minute = [{ count: 12_000, seed: 1 }, ...all];
        const thin = createThinning(MAX);
        const durationsMs: number[] = [];
        const told: number[] = [];
        for (const { count, seed } of minute) {
          const random = createRandom(seed);
          const slowness = 12_000 / count;
          const window = Array.from({ length: count }, () => slowness * -Math.log(1 - random()));
          durationsMs.push(...window);
          told.push(...thin(tallyOf(window)));
        }
        for (const percent of [50, 90, 99])
          expect(Math.abs(percentile(told, percent) / percentile(durationsMs, percent) - 1)).toBeLessThan(
            0.05,
          );
      }),
      { numRuns: 40 },
    );
  });
});
