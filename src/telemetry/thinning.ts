import { durationsAt, type Tally } from './distribution.ts';

/** Ten seconds each: ten minutes. */
const REMEMBERED_WINDOWS = 60;
/** Of the most that a window tells: where it begins, so that traffic may rise threefold before fewer have to be told. */
const FIRST_SHARE = 0.3;
/** Below this share for all that is remembered, more are told again. */
const LEAST_SHARE = 0.1;

/**
 * Returns a function that tells, window after window, durations that stand for all of them: each as long as there are
 * no more than `max`, and otherwise every n-th in the order of their lengths. The n stays the same while traffic rises
 * and falls, so that percentiles over several windows are those of all durations, though slow windows have fewer.
 */
export function createThinning(max: number): (tally: Tally) => number[] {
  const counts: number[] = [];
  let stride = 1;
  /** What part of a stride has passed since the last duration that was told. */
  let phase = 0;
  return (tally) => {
    counts.push(tally.count);
    if (counts.length > REMEMBERED_WINDOWS) counts.shift();
    stride = adjust(stride, Math.max(...counts), max);
    const strides = tally.count / stride + phase;
    const told = Math.min(max, Math.floor(strides));
    const ranks = Array.from({ length: told }, (_, n) => Math.ceil((n + 1 - phase) * stride));
    phase = strides - told;
    return durationsAt(tally, ranks);
  };
}

function adjust(stride: number, busiest: number, max: number): number {
  const isFine = stride === 1 || busiest >= LEAST_SHARE * max * stride;
  if (busiest <= max * stride && isFine) return stride;
  return busiest <= max ? 1 : busiest / (FIRST_SHARE * max);
}
