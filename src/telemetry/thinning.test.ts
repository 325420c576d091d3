import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { percentile } from '../../test/emf/schema.ts';
import { createRandom } from '../../test/harness/random.ts';
import { createDistribution } from './distribution.ts';
import { createThinning } from './thinning.ts';

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
    const told = createThinning(100)(tallyOf(Array.from({ length: 3000 }, (_, n) => (n + 1) / 100)));
    expect(told).toHaveLength(30);
    told.forEach((value, n) => expect(Math.abs(value / (n + 1) - 1)).toBeLessThan(0.01));
  });

  it('stand for as many each while traffic rises and falls, and for fewer after ten quiet minutes', () => {
    const quiet = Array.from({ length: 61 }, () => 50);
    const told = countsTold(createThinning(100), [3000, 10_000, 1000, ...quiet]);
    expect(told.slice(0, 3)).toEqual([30, 100, 10]);
    expect(Math.max(...told.slice(3, 60))).toBe(1);
    expect(told.at(-1)).toBe(50);
  });

  it('stand for more each once traffic has risen more than threefold', () => {
    expect(countsTold(createThinning(100), [3000, 30_000, 3000])).toEqual([30, 30, 3]);
  });

  it('are never more than asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 30 }), (counts) => {
        for (const told of countsTold(createThinning(70), counts)) expect(told).toBeLessThanOrEqual(70);
      }),
    );
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'have the percentiles of ten uneven minutes to within 2 percent, run %i',
    (seed) => {
      const random = createRandom(seed);
      const thin = createThinning(1000);
      const durationsMs: number[] = [];
      const told: number[] = [];
      let speed = 0.7;
      for (let n = 0; n < 60; n += 1) {
        speed = Math.min(1, Math.max(0.3, speed + (random() - 0.5) * 0.3));
        // What is answered slowly is answered less often, and a process that starts is slow.
        const slowness = (n === 0 ? 2 : 1) / speed;
        const window = Array.from(
          { length: Math.round(5000 / slowness) },
          () => slowness * -Math.log(1 - random()),
        );
        durationsMs.push(...window);
        told.push(...thin(tallyOf(window)));
      }
      for (const percent of [50, 90, 99])
        expect(Math.abs(percentile(told, percent) / percentile(durationsMs, percent) - 1)).toBeLessThan(0.02);
    },
  );
});
