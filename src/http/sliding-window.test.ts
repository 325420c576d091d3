import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { countHit, type Slice, type SlidingWindow } from './sliding-window.ts';

/** Short, so that the times that are made up meet the bounds of slices and windows often. */
const WINDOW_MS = 120;
const SLICE_MS = WINDOW_MS / 12;
const BEGAN_AT = Date.UTC(2026, 0, 1);

interface Hit {
  readonly at: number;
  readonly admitted: boolean;
  readonly fewerAt: number;
  readonly slices: readonly Slice[];
}

/** What becomes of hits at these times, one after another. */
function countAll(times: readonly number[], window: SlidingWindow): Hit[] {
  let slices: readonly Slice[] = [];
  return times.map((at) => {
    const counted = countHit(slices, at, window);
    slices = counted.slices;
    return { at, ...counted };
  });
}

/** Bursts, trickles and pauses, as times that never fall. */
const times = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 15 }), fc.integer({ min: 90, max: 150 })), {
    minLength: 100,
    maxLength: 200,
  })
  .map((gaps) => {
    let at = BEGAN_AT;
    return gaps.map((gap) => {
      at += gap;
      return at;
    });
  });
const windows = fc.record({ limit: fc.integer({ min: 1, max: 6 }), windowMs: fc.constant(WINDOW_MS) });

function admittedWithin(hits: readonly Hit[], after: number, until: number): number {
  return hits.filter(({ at, admitted }) => admitted && at > after && at <= until).length;
}

describe('a sliding window', () => {
  test('never holds more than its limit, wherever it is laid', () => {
    fc.assert(
      fc.property(times, windows, (times, window) => {
        const hits = countAll(times, window);
        for (const { at } of hits) {
          expect(admittedWithin(hits, at - WINDOW_MS, at)).toBeLessThanOrEqual(window.limit);
        }
      }),
    );
  });

  test('refuses only what the limit allows no more in a window and a slice', () => {
    fc.assert(
      fc.property(times, windows, (times, window) => {
        const hits = countAll(times, window);
        for (const { at } of hits.filter(({ admitted }) => !admitted)) {
          const counted = admittedWithin(hits, at - WINDOW_MS - SLICE_MS, at);
          expect(counted).toBeGreaterThanOrEqual(window.limit);
        }
      }),
    );
  });

  test('admits the refused at the time that it told them, and no earlier', () => {
    fc.assert(
      fc.property(times, windows, (times, window) => {
        const refused = countAll(times, window).filter(({ admitted }) => !admitted);
        for (const { at, fewerAt, slices } of refused) {
          expect(fewerAt).toBeGreaterThan(at);
          expect(fewerAt).toBeLessThanOrEqual(at + WINDOW_MS);
          expect(countHit(slices, fewerAt - 1, window).admitted).toBe(false);
          expect(countHit(slices, fewerAt, window).admitted).toBe(true);
        }
      }),
    );
  });

  test('gives a client that never pauses its quota again and again', () => {
    const everyMs = Array.from({ length: 10 * WINDOW_MS }, (_, index) => BEGAN_AT + index);
    const hits = countAll(everyMs, { limit: 10, windowMs: WINDOW_MS });
    expect(hits.filter(({ admitted }) => admitted).length).toBeGreaterThanOrEqual(90);
  });

  test('takes the same room for any number of hits', () => {
    const everyMs = Array.from({ length: 2000 }, (_, index) => BEGAN_AT + index);
    const hits = countAll(everyMs, { limit: 1_000_000, windowMs: WINDOW_MS });
    expect(Math.max(...hits.map(({ slices }) => slices.length))).toBe(13);
  });

  test('forgets hits from the future after the clock was set back by an hour', () => {
    const window = { limit: 1, windowMs: WINDOW_MS };
    const hits = countAll([BEGAN_AT, BEGAN_AT - 3_600_000], window);
    expect(hits.map(({ admitted }) => admitted)).toEqual([true, true]);
  });

  test('remembers hits from the future after the clock was set back a little', () => {
    const window = { limit: 1, windowMs: WINDOW_MS };
    const hits = countAll([BEGAN_AT, BEGAN_AT - 10, BEGAN_AT + WINDOW_MS], window);
    expect(hits.map(({ admitted }) => admitted)).toEqual([true, false, true]);
  });
});
